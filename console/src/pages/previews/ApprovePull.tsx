import { Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { FormModal } from '@/parts/FormModal';
import { Notice } from '@/parts/Notice';
import { useWrite } from '@/parts/write';
import type { Pull } from './Pulls';

// Let a stranger's commit be built with what the project keeps: only after somebody has read it.
export function ApprovePull({ pull, project, there, onClose }: { pull: Pull; project: string; there: string | undefined; onClose: () => void }) {
    const [looked, setLooked] = useState(false);
    const write = useWrite('/v1/projects', '/v1/deployments');
    const send = () => api.POST('/v1/projects/{project}/pulls/{pull}/approve', { params: { path: { project, pull: String(pull.number) as never } }, body: { commit: pull.commit } });
    return (
        <FormModal opened onClose={onClose} title={`Approve #${pull.number}`} action="Approve this commit" write={write} send={send} said="Approved. It is built now." disabled={!looked}>
            <Notice tone="warn" title="Its code will run with your variables">
                <p>
                    {pull.author} is not somebody who may write to the repository. The build of this commit is given the variables of previews, and code in it can send them anywhere. Read what it changes first, its build scripts and dependencies above all.
                </p>
                {there && (
                    <p>
                        <a href={there} target="_blank" rel="noreferrer">Read #{pull.number} at the git host</a>
                    </p>
                )}
            </Notice>
            <Text size="sm">{pull.preview === 'built' && 'It was built without any variables; it is built again with them. '}The approval is for exactly this commit; the next push needs another.</Text>
            <Text className="mono" style={{ overflowWrap: 'anywhere' }}>{pull.commit}</Text>
            <Checkbox label="I have read what this commit changes" checked={looked} onChange={event => setLooked(event.currentTarget.checked)} />
        </FormModal>
    );
}
