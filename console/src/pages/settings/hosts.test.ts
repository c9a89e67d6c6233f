import { expect, test } from 'vitest';
import { kindOf } from './hosts';

test('hosts are known by their names, in every way an address is written', () => {
    expect(kindOf('https://github.com/acme/site')).toBe('github');
    expect(kindOf('git@gitlab.com:acme/site.git')).toBe('gitlab');
    expect(kindOf('ssh://git@bitbucket.org/acme/site.git')).toBe('bitbucket');
    expect(kindOf('https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/site')).toBe('codecommit');
    expect(kindOf('https://github.com.example.org/acme')).toBe('git');
    expect(kindOf('')).toBe('git');
});
