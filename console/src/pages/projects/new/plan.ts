import type { Schema } from '@/api/query';
import type { Detection } from './detect';
import type { Folder } from './folder';

// What somebody put together on the page: where the source is, what the project is called, how it is built.

export type Way = 'repository' | 'folder' | 'terminal';

export interface Repository {
    kind: 'repository';
    name: string;
    asked: Pick<Schema<'NewRepository'>, 'provider' | 'url'> & Partial<Schema<'NewRepository'>>;
}

export interface Dropped {
    kind: 'folder';
    name: string;
    folder: Folder;
    found: Detection | undefined;
    built: boolean;
}

export type Source = Repository | Dropped;

export interface Settings {
    root: string;
    install_command: string;
    build_command: string;
    output_directory: string;
    node_version: string;
}

export interface Variable {
    name: string;
    value: string;
    secret: boolean;
}

export interface Plan {
    team: string;
    name: string;
    slug: string;
    settings: Settings;
    variables: Variable[];
    source: Source | undefined;
}

export const NO_SETTINGS: Settings = { root: '', install_command: '', build_command: '', output_directory: '', node_version: '' };

// Settings that say nothing are left to be found out.
export const said = (settings: Settings): Partial<Settings> => Object.fromEntries(Object.entries(settings).filter(([, value]) => value.trim() !== ''));
