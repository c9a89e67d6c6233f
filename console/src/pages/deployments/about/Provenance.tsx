import { Code, Stack, Text } from '@mantine/core';
import { $api } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { When } from '@/parts/When';
import { Facts } from '../Facts';
import { statement } from './statement';

// The signed statement of where the files come from: what it says, and how to check it on one's own machine.
export function Provenance({ deployment }: { deployment: string }) {
    const query = $api.useQuery('get', '/v1/deployments/{deployment}/attestation', { params: { path: { deployment } } }, { retry: false });
    const keys = $api.useQuery('get', '/v1/attestation-keys', {}, { staleTime: 300_000 });
    return (
        <Loaded query={query}>
            {envelope => {
                const said = statement(envelope.payload);
                const signer = envelope.signatures[0]?.keyid ?? '';
                const ours = keys.data?.keys.some(key => key.kid === signer);
                return (
                    <Stack>
                        <Panel title="What is stated" about="An in-toto statement with SLSA provenance, signed by the installation.">
                            <Facts
                                of={[
                                    ['Files', <Copy key="f" text={said.subject} shown={said.subject.slice(0, 16)} what="the digest of the files" />],
                                    said.commit && ['Commit', <Copy key="c" text={said.commit} shown={said.commit.slice(0, 12)} what="the commit" />],
                                    said.branch && ['Branch', said.branch],
                                    said.trigger && ['Trigger', said.trigger],
                                    said.source && ['Source', <Copy key="s" text={said.source} shown={said.source.slice(0, 16)} what="the digest of the source" />],
                                    said.builder && ['Builder', <div key="b" className="clip" title={said.builder}>{said.builder}</div>],
                                    said.began && ['Begun', <When key="w" at={said.began} />],
                                    said.ended && ['Ended', <When key="e" at={said.ended} />],
                                    ['Kind', said.type.endsWith('/upload/v1') ? 'Uploaded finished: says who brought it, vouches for no build' : 'Built here'],
                                    ['Signed with', <span key="k" className="mono">{signer}{ours === true ? ', a key of this installation' : ours === false ? ', a key that this installation does not name' : ''}</span>],
                                ]}
                            />
                        </Panel>
                        <Panel title="Check it yourself" about="The signature, the list of files, and with --site every byte as visitors get it. All of it is worked out where the command runs.">
                            <Stack gap="xs">
                                <Copy text={`deck verify ${deployment}`} what="the command" />
                                <Copy text={`deck verify ${deployment} --site`} what="the command with the site" />
                            </Stack>
                        </Panel>
                        <Panel title="The whole statement">
                            <div className="wide" tabIndex={0} role="region" aria-label="Statement">
                                <Code block>{said.text}</Code>
                            </div>
                            <Text size="sm" className="soft" mt="xs">It was decoded here, not verified: a page that comes from the same installation cannot be its witness.</Text>
                        </Panel>
                    </Stack>
                );
            }}
        </Loaded>
    );
}
