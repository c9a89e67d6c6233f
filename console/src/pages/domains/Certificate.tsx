import { Button, Group, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCertificate, IconRefresh, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { done } from '@/parts/notices';
import { stale } from '@/api/query';
import { about, useWrite } from '@/parts/write';
import classes from './domains.module.css';
import { Ends } from './Ends';
import { issuerName, type Domain } from './names';

const TOUCHED = ['/v1/projects/{project}/domains', '/v1/teams/{team}/domains'];

// What browsers see of the domain's certificate, and one of one's own in its place.
export function Certificate({ view, project, manages }: { view: Domain; project: string; manages: boolean }) {
    const [uploading, { open, close }] = useDisclosure();
    const [removing, { open: ask, close: answered }] = useDisclosure();
    const has = view.certificate;
    const actions = manages && (
        <Group gap="xs">
            {has && (
                <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} onClick={ask}>
                    {has.source === 'own' ? 'Back to a managed one' : 'Make it anew'}
                </Button>
            )}
            <Button size="xs" variant="default" leftSection={<IconUpload size={15} />} onClick={open}>
                Use your own
            </Button>
        </Group>
    );
    const remove = async () => {
        await api.DELETE('/v1/projects/{project}/domains/{domain}/certificate', { params: { path: { project, domain: view.domain } } });
        stale(...TOUCHED);
        done('The certificate is being made anew.');
    };
    return (
        <Panel title="Certificate" actions={actions} flush>
            {has ? (
                <dl className={classes.record}>
                    <dt>State</dt>
                    <dd>
                        <Group gap="sm">
                            <State of={has.status} /> <Ends certificate={has} />
                        </Group>
                        {has.reason && <div className="soft">{has.reason}</div>}
                    </dd>
                    <dt>Issuer</dt>
                    <dd title={has.issuer}>{issuerName(has.issuer) || 'not issued yet'}</dd>
                    <dt>Names</dt>
                    <dd className="mono" style={{ overflowWrap: 'anywhere' }}>
                        {has.names.join(', ') || 'none yet'}
                    </dd>
                    {has.expires_at && (
                        <>
                            <dt>Good</dt>
                            <dd>
                                {has.starts_at && <>from {day(has.starts_at)} </>}to {day(has.expires_at)}
                            </dd>
                        </>
                    )}
                    <dt>Renewal</dt>
                    <dd>{has.source === 'own' ? 'Yours: it does not renew itself. You get letters 45, 30, 14 and 7 days before its end.' : `By itself${has.renewal ? ` (${has.renewal.replaceAll('_', ' ')})` : ''}, 45 days before its end.`}</dd>
                </dl>
            ) : (
                <Empty icon={<IconCertificate />} title="Not made yet">
                    It is made once the domain is proven to be yours.
                </Empty>
            )}
            <Upload project={project} domain={view.domain} opened={uploading} onClose={close} />
            <Confirm opened={removing} onClose={answered} title={`Certificate of ${view.domain}`} action={has?.source === 'own' ? 'Remove my certificate' : 'Make it anew'} onConfirm={remove}>
                {has?.source === 'own' ? 'Your certificate is taken off, and one that renews itself is made in its place.' : 'The present one is given up and another is ordered. Visitors may see a warning for a moment.'}
            </Confirm>
        </Panel>
    );
}

// In words, because 11/12 is two days to two people.
const day = (at: string): string => new Date(at).toLocaleDateString('en', { dateStyle: 'long' });

const SHAPE = '-----BEGIN';

function Upload({ project, domain, opened, onClose }: { project: string; domain: string; opened: boolean; onClose: () => void }) {
    const [certificate, setCertificate] = useState('');
    const [key, setKey] = useState('');
    const [chain, setChain] = useState('');
    const write = useWrite(...TOUCHED);
    const send = async () => {
        await api.PUT('/v1/projects/{project}/domains/{domain}/certificate', { params: { path: { project, domain } }, body: { certificate, private_key: key, chain } });
        setKey('');
    };
    const close = () => {
        setKey('');
        onClose();
    };
    return (
        <FormModal opened={opened} onClose={close} title="Your own certificate" action="Check and use it" size="lg" write={write} send={send} said="Your certificate is in use." disabled={!certificate.includes(SHAPE) || !key.includes(SHAPE)}>
            <Text size="sm" className="soft">
                As PEM text. Names, end, chain and key are checked before anything changes; the key goes to the edge's keeper and is never shown again.
            </Text>
            <Textarea label="Certificate" placeholder="-----BEGIN CERTIFICATE-----" rows={5} className="mono" spellCheck={false} value={certificate} onChange={event => setCertificate(event.currentTarget.value)} error={about(write.fault, '/certificate')} />
            <Textarea label="Private key" placeholder="-----BEGIN PRIVATE KEY-----" rows={5} spellCheck={false} autoComplete="off" value={key} onChange={event => setKey(event.currentTarget.value)} error={about(write.fault, '/private_key')} />
            <Textarea label="Chain (if the issuer gave you one)" rows={3} spellCheck={false} value={chain} onChange={event => setChain(event.currentTarget.value)} error={about(write.fault, '/chain')} />
        </FormModal>
    );
}
