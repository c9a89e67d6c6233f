import { describe, expect, it } from 'vitest';
import { brief, leadsTo, pieces } from './sentence';

const ID = 'dpl_01m80pr3nfe1shjqsby97c27nj';

describe('sentences of the activity', () => {
    it('finds deployments in them', () => {
        expect(pieces(`CloudDeck finished ${ID} of shop`)).toEqual([{ text: 'CloudDeck finished ' }, { deployment: ID }, { text: ' of shop' }]);
        expect(pieces(ID)).toEqual([{ deployment: ID }]);
    });

    it('leaves everything else as it is', () => {
        expect(pieces('Ada signed in')).toEqual([{ text: 'Ada signed in' }]);
        expect(pieces('Ada wrote dpl_short')).toEqual([{ text: 'Ada wrote dpl_short' }]);
        expect(pieces('')).toEqual([]);
    });

    it('names a deployment by the end of its id', () => {
        expect(brief(ID)).toBe('7c27nj');
    });

    it('leads to deployments and projects, and nowhere else', () => {
        expect(leadsTo(ID)).toBe(`/deployments/${ID}`);
        expect(leadsTo('prj_1')).toBe('/projects/prj_1');
        expect(leadsTo('ses_1')).toBeUndefined();
    });
});
