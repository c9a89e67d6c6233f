import { describe, expect, it } from 'vitest';
import { address, byTag, found, operations, sample, typeOf, type Document } from './document';
import { curl, python, typescript } from './snippets';

const document: Document = {
    info: { title: 'T', version: '1' },
    servers: [{ url: 'http://localhost' }],
    paths: {
        '/v1/projects/{project}': {
            get: {
                operationId: 'projects_get',
                tags: ['projects'],
                summary: 'One project',
                parameters: [
                    { name: 'project', in: 'path', required: true, schema: { type: 'string' } },
                    { name: 'limit', in: 'query', required: false, schema: { type: 'integer' } },
                ],
                responses: { '200': { description: 'It', content: { 'application/json': { schema: { $ref: '#/components/schemas/Project' } } } } },
                security: [{ user: [] }],
                'x-permission': 'project.read',
            },
        },
        '/v1/teams': {
            post: {
                operationId: 'teams_create',
                tags: ['teams'],
                summary: 'Make a team',
                parameters: [],
                requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/NewTeam' } } } },
                responses: {},
                security: [],
                'x-permission': 'public',
            },
        },
    },
    components: {
        schemas: {
            NewTeam: { type: 'object', required: ['name', 'kind'], properties: { name: { type: 'string' }, kind: { enum: ['a', 'b'] }, more: { $ref: '#/components/schemas/NewTeam' } } },
        },
    },
};
const all = operations(document);

describe('the document', () => {
    it('becomes a list that can be searched', () => {
        expect(all.map(one => one.id)).toEqual(['projects_get', 'teams_create']);
        expect(found(all, 'post team').map(one => one.id)).toEqual(['teams_create']);
        expect(found(all, 'post project')).toEqual([]);
        expect(byTag(all).map(([tag]) => tag)).toEqual(['projects', 'teams']);
        expect(all.map(one => one.open)).toEqual([false, true]);
    });

    it('tells types and bodies to begin with', () => {
        expect(sample({ $ref: '#/components/schemas/NewTeam' }, document)).toEqual({ name: '', kind: 'a' });
        expect(typeOf({ anyOf: [{ type: 'string' }, { type: 'null' }] })).toBe('string or null');
        expect(typeOf({ type: 'array', items: { $ref: '#/x/Project' } })).toBe('list of Project');
    });

    it('fills addresses in, and nothing breaks out of them', () => {
        const [one] = all;
        expect(address(one!.path, one!.parameters, {})).toBe('/v1/projects/{project}');
        expect(address(one!.path, one!.parameters, { project: '../a?b', limit: '5&x' })).toBe('/v1/projects/..%2Fa%3Fb?limit=5%26x');
    });
});

describe('programs', () => {
    const asked = { api: 'http://h', method: 'POST', address: '/v1/teams', body: `{"name": "it's"}`, open: false };

    it('quote what they send, and have no token in them', () => {
        expect(curl(asked)).toContain(`-d '{"name": "it'\\''s"}'`);
        expect(curl({ ...asked, open: true })).not.toContain('Authorization');
        expect(python(asked)).toContain(`json.loads("{\\"name\\": \\"it's\\"}")`);
        expect(typescript(asked)).toContain('process.env.CLOUDDECK_TOKEN');
    });
});
