import { describe, expect, it } from 'vitest';
import { read } from './brought';

describe('what GitHub sends back', () => {
    it('is read as it stands, numbers and all', () => {
        expect(read('http://a/teams/x/new?way=repository&state=s-1&code=12345678901234567e12&installation=77')).toEqual({
            state: 's-1',
            code: '12345678901234567e12',
            installation: '77',
        });
    });

    it('is nothing unless it is whole', () => {
        expect(read('http://a/teams/x/new?way=repository')).toBeUndefined();
        expect(read('http://a/teams/x/new?state=s&code=c')).toBeUndefined();
    });
});
