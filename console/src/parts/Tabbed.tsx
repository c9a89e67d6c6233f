import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useInAddress } from './address';
import classes from './Tabbed.module.css';

export interface Tab {
    value: string;
    label: string;
    shows: () => ReactNode;
}

// The parts of a page that is too long for one; which is open stands in the address.
export function Tabbed({ tabs }: { tabs: [Tab, ...Tab[]] }) {
    const [asked, open] = useInAddress('tab', tabs[0].value);
    const current = tabs.some(tab => tab.value === asked) ? asked : tabs[0].value;
    return (
        <Tabs value={current} onChange={open} keepMounted={false}>
            <Tabs.List className={classes.list}>
                {tabs.map(tab => (
                    <Tabs.Tab key={tab.value} value={tab.value}>
                        {tab.label}
                    </Tabs.Tab>
                ))}
            </Tabs.List>
            {tabs.map(tab => (
                <Tabs.Panel key={tab.value} value={tab.value} pt="lg">
                    {tab.shows()}
                </Tabs.Panel>
            ))}
        </Tabs>
    );
}
