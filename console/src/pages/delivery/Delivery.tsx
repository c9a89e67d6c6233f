import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { changeProject } from '@/parts/project';
import { SaveBar } from '@/parts/SaveBar';
import { Tabbed } from '@/parts/Tabbed';
import { useDraft } from '@/parts/draft';
import type { Schema } from '@/api/query';
import { useNames, useProject } from '@/shell/where';
import { Checks } from './Checks';
import { whole } from './delivery';
import { Freezes } from './Freezes';
import { Holds } from './Holds';
import { JudgeLimits } from './JudgeLimits';
import { Matching } from './Matching';
import { Strategy } from './Strategy';
import { Windows } from './Windows';

// How releases reach visitors, what judges them, and what holds them.
export function Delivery() {
    const { project } = useNames();
    const site = useProject(project);
    return (
        <Page title="Delivery" about="How a release reaches visitors, what judges it, and what holds it back.">
            <Loaded query={site} rows={6}>
                {found => (
                    <>
                        <Holds site={found} />
                        <Editor site={found} />
                    </>
                )}
            </Loaded>
        </Page>
    );
}

function Editor({ site }: { site: Schema<'ProjectView'> }) {
    const may = useMay();
    const draft = useDraft(whole(site.delivery), site.version);
    const changes = may('deployment.promote');
    const locks = may('release.lock');
    return (
        <Stack>
            <Tabbed
                tabs={[
                    {
                        value: 'rollout',
                        label: 'Rollout',
                        shows: () => (
                            <Closed when={!changes}>
                                <Strategy draft={draft} />
                                <Matching draft={draft} />
                                <Windows draft={draft} />
                            </Closed>
                        ),
                    },
                    {
                        value: 'judge',
                        label: 'Judge',
                        shows: () => (
                            <Closed when={!changes}>
                                <JudgeLimits draft={draft} />
                                <Checks draft={draft} />
                            </Closed>
                        ),
                    },
                    { value: 'approvals', label: 'Approvals and freezes', shows: () => <Closed when={!locks}><Freezes draft={draft} /></Closed> },
                ]}
            />
            {changes && (
                <Panel>
                    <SaveBar draft={draft} save={() => changeProject(site.slug, draft.version, { delivery: draft.value })} said="The next release goes out this way." touches={['/v1/projects']} />
                </Panel>
            )}
        </Stack>
    );
}

function Closed({ when, children }: { when: boolean; children: ReactNode }) {
    return (
        <fieldset disabled={when} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
            <Stack>{children}</Stack>
        </fieldset>
    );
}
