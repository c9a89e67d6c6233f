import { Avatar, Button, Menu, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconChevronDown, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import classes from './Frame.module.css';
import { useHere, useTeams } from './where';

// The team one works for, and the others.
export function TeamSwitcher() {
    const teams = useTeams();
    const { team } = useHere();
    return (
        <Menu position="bottom-start" width={260}>
            <Menu.Target>
                <Button
                    className={`${classes.named} ${classes.team}`}
                    variant="subtle"
                    color="gray"
                    size="compact-md"
                    leftSection={team && <Avatar size={22} name={team.name} color="blue" radius="sm" alt="" aria-hidden="true" />}
                    rightSection={<IconChevronDown size={14} />}
                >
                    <VisuallyHidden>Team </VisuallyHidden>
                    <span className={classes.choice}>{team?.name ?? 'Teams'}</span>
                    <VisuallyHidden>, switch</VisuallyHidden>
                </Button>
            </Menu.Target>
            <Menu.Dropdown className={classes.choices}>
                {teams.map(one => (
                    <Menu.Item
                        key={one.id}
                        component={Link}
                        to={`/teams/${one.slug}`}
                        leftSection={<Avatar size={20} name={one.name} color="blue" radius="sm" aria-hidden="true" />}
                        rightSection={one.id === team?.id ? <IconCheck size={14} role="img" aria-label="this one" /> : <span className="soft">{one.role}</span>}
                    >
                        <span className={classes.choice}>{one.name}</span>
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
