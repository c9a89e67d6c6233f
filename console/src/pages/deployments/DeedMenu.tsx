import { ActionIcon, Menu } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconArrowBackUp, IconBan, IconCopy, IconDots, IconExternalLink, IconRefresh, IconRocket, IconShare } from '@tabler/icons-react';
import { useState } from 'react';
import { done } from '@/parts/notices';
import { useMay } from '@/parts/permits';
import { DeedDialog } from './DeedDialog';
import { deeds, titleOf, type Deed, type Deployment } from './deeds';

const ITEMS: Record<Deed, { label: string; icon: typeof IconDots; color?: string }> = {
    promote: { label: 'Promote to production', icon: IconRocket },
    rollback: { label: 'Roll back to this', icon: IconArrowBackUp },
    redeploy: { label: 'Deploy again', icon: IconRefresh },
    share: { label: 'Share', icon: IconShare },
    cancel: { label: 'Cancel', icon: IconBan, color: 'red' },
};

// All that can be done with one deployment.
export function DeedMenu({ deployment, without = [] }: { deployment: Deployment; without?: Deed[] }) {
    const [asked, ask] = useState<Deed | null>(null);
    const may = useMay();
    const { copy } = useClipboard();
    const take = (text: string, what: string) => {
        copy(text);
        done(`Copied ${what}.`);
    };
    const there = deployment.state === 'ready' && !deployment.removed_at;
    return (
        <>
            <Menu position="bottom-end" width={220}>
                <Menu.Target>
                    <ActionIcon variant="subtle" color="gray" aria-label={`What to do with ${titleOf(deployment)}`}>
                        <IconDots size={18} />
                    </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                    {there && (
                        <Menu.Item component="a" href={deployment.url} target="_blank" rel="noreferrer" leftSection={<IconExternalLink size={16} />}>
                            Open
                        </Menu.Item>
                    )}
                    {deeds(deployment, may)
                        .filter(deed => !without.includes(deed))
                        .map(deed => {
                            const { label, icon: Icon, color } = ITEMS[deed];
                            return (
                                <Menu.Item key={deed} color={color} leftSection={<Icon size={16} />} onClick={() => ask(deed)}>
                                    {label}
                                </Menu.Item>
                            );
                        })}
                    <Menu.Divider />
                    {there && (
                        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => take(deployment.url, 'the address')}>
                            Copy address
                        </Menu.Item>
                    )}
                    <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => take(deployment.id, 'the id')}>
                        Copy id
                    </Menu.Item>
                    {deployment.commit && (
                        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => take(deployment.commit, 'the commit')}>
                            Copy commit
                        </Menu.Item>
                    )}
                </Menu.Dropdown>
            </Menu>
            <DeedDialog deed={asked} deployment={deployment} onClose={() => ask(null)} />
        </>
    );
}
