import { Avatar, Button, Menu } from '@mantine/core';
import { IconCheck, IconChevronDown, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useHere, useTeams } from './where';

// The team one works for, and the others.
export function TeamSwitcher() {
    const teams = useTeams();
    const { team } = useHere();
    return (
        <Menu position="bottom-start" width={240}>
            <Menu.Target>
                <Button variant="subtle" color="gray" size="compact-md" rightSection={<IconChevronDown size={14} />} aria-label={`Team ${team?.name ?? ''}, switch`}>
                    {team?.name ?? 'Teams'}
                </Button>
            </Menu.Target>
            <Menu.Dropdown>
                {teams.map(one => (
                    <Menu.Item
                        key={one.id}
                        component={Link}
                        to={`/teams/${one.slug}`}
                        leftSection={<Avatar size={20} name={one.name} color="blue" radius="sm" />}
                        rightSection={one.id === team?.id ? <IconCheck size={14} /> : <span className="soft">{one.role}</span>}
                    >
                        {one.name}
                    </Menu.Item>
                ))}
                <Menu.Divider />
                <Menu.Item component={Link} to="/teams/new" leftSection={<IconPlus size={16} />}>
                    New team
                </Menu.Item>
            </Menu.Dropdown>
        </Menu>
    );
}
