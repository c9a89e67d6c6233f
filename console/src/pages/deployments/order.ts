import type { Schema } from '@/api/query';

// What is asked for when something of the repository is deployed.
export const order = (wanted: Partial<Schema<'NewDeployment'>>): Schema<'NewDeployment'> => ({
    branch: null,
    commit: null,
    environment: null,
    message: '',
    production: null,
    upload: null,
    ...wanted,
});
