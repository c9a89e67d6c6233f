import { ActionIcon, Avatar, Menu, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import { IconBook, IconDeviceDesktop, IconFileCode, IconLogout, IconMoon, IconSettings, IconSun, IconTool } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { leave } from '@/api/leave';
import { useMe } from './where';

export function UserMenu() {
    const user = useMe().data?.user;
    const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
    const navigate = useNavigate();
    const out = async () => {
        await leave();
        await navigate({ to: '/sign-in' });
    };
    return (
        <Menu position="bottom-end" width={230}>
            <Menu.Target>
                <ActionIcon variant="subtle" radius="xl" size="lg">
                    <Avatar src={user?.avatar_url} name={user?.name} color="blue" size={30} alt="" aria-hidden="true" />
                    <VisuallyHidden>Your account</VisuallyHidden>
                </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.Label>{user?.email}</Menu.Label>
                <Menu.Item component={Link} to="/account" leftSection={<IconSettings size={16} />}>
                    Account
                </Menu.Item>
                {user?.admin && (
                    <Menu.Item component={Link} to="/admin" leftSection={<IconTool size={16} />}>
                        Installation
                    </Menu.Item>
                )}
                <Menu.Divider />
                <Menu.Item component="a" href="/docs/" leftSection={<IconBook size={16} />}>
                    Documentation
                </Menu.Item>
                <Menu.Item component={Link} to="/explorer" leftSection={<IconFileCode size={16} />}>
                    API explorer
                </Menu.Item>
                <Menu.Divider />
                <Menu.Item onClick={() => setColorScheme('light')} leftSection={<IconSun size={16} />}>
                    Light
                </Menu.Item>
                <Menu.Item onClick={() => setColorScheme('dark')} leftSection={<IconMoon size={16} />}>
                    Dark
                </Menu.Item>
                <Menu.Item onClick={() => setColorScheme('auto')} leftSection={<IconDeviceDesktop size={16} />}>
                    As the system
                </Menu.Item>
                <Menu.Divider />
                <Menu.Item onClick={() => void out()} leftSection={<IconLogout size={16} />}>
                    Sign out
                </Menu.Item>
            </Menu.Dropdown>
        </Menu>
    );
}
