import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { DOORS, frame as loadFrame, INSIDE, type Address, type Load } from './addresses';
import { Broken } from './shell/Broken';

const part = (load: Load, name: string) => lazyRouteComponent(load as never, name);
const Lost = part(() => import('./shell/Lost'), 'Lost');

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost, errorComponent: Broken });

const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: part(loadFrame, 'Frame') });

const door = ({ path, load, name }: Address) => createRoute({ getParentRoute: () => root, path, component: part(load, name) });

const inside = ({ path, load, name }: Address) => createRoute({ getParentRoute: () => frame, path, component: part(load, name), errorComponent: Broken });

const routeTree = root.addChildren([...DOORS.map(door), frame.addChildren(INSIDE.map(inside))]);

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true, defaultNotFoundComponent: Lost });
