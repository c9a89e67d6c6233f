import { expect, it } from 'vitest';
import { statement } from './statement';

it('says what was signed, from the envelope', () => {
    const payload = btoa(JSON.stringify({
        subject: [{ digest: { dirHash: 'aa' } }],
        predicate: {
            buildDefinition: { buildType: 'https://clouddeck.dev/builds/site/v1', externalParameters: { source: { branch: 'main', commit: 'c0ffee' }, trigger: 'push' }, resolvedDependencies: [{ digest: { gitCommit: 'c0ffee' } }, { digest: { sha256: 'bb' } }] },
            runDetails: { builder: { id: 'https://cloud.example/builders/local' }, metadata: { startedOn: '2026-11-22T04:19:29.206Z' } },
        },
    }));
    expect(statement(payload)).toMatchObject({ subject: 'aa', branch: 'main', commit: 'c0ffee', trigger: 'push', source: 'bb', builder: 'https://cloud.example/builders/local', began: '2026-11-22T04:19:29.206Z', ended: '' });
});
