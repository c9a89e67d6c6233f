import { useRef, useState } from 'react';
import { api } from '@/api/client';
import { problem, type Problem } from '@/api/problem';
import { stale, type Schema } from '@/api/query';
import { isOutput } from './folder';
import { said, type Plan } from './plan';
import { upload, type Progress } from './upload';

// From a plan to a first deployment, step by step. What was done is not done again when a later step has to be repeated.

export type Step = 'project' | 'variables' | 'repository' | 'upload' | 'deployment';

export interface Made {
    project?: Schema<'ProjectView'>;
    repository?: Schema<'RepositoryView'>;
    variables?: true;
    upload?: string;
    deployment?: string;
}

export interface Launch {
    made: Made;
    step: Step | undefined;
    progress: Progress | undefined;
    fault: Problem | undefined;
    run: (plan: Plan) => Promise<void>;
}

export function useLaunch(): Launch {
    const kept = useRef<Made>({});
    const [made, setMade] = useState<Made>({});
    const [step, setStep] = useState<Step>();
    const [progress, setProgress] = useState<Progress>();
    const [fault, setFault] = useState<Problem>();
    const keep = (part: Made) => {
        kept.current = { ...kept.current, ...part };
        setMade(kept.current);
    };
    const run = async (plan: Plan) => {
        setFault(undefined);
        try {
            await make(plan, kept.current, { begin: setStep, keep, tell: setProgress });
        } catch (error) {
            setFault(problem(error));
        } finally {
            setStep(undefined);
            stale('/v1/projects', '/v1/teams/{team}');
        }
    };
    return { made, step, progress, fault, run };
}

interface Told {
    begin: (step: Step) => void;
    keep: (part: Made) => void;
    tell: (progress: Progress) => void;
}

async function make(plan: Plan, before: Made, { begin, keep, tell }: Told): Promise<void> {
    const { source } = plan;
    let { project } = before;
    if (!project) {
        begin('project');
        const { data } = await api.POST('/v1/projects', {
            body: { team: plan.team, name: plan.name.trim(), slug: plan.slug, settings: said(plan.settings) } as never,
        });
        project = data as Schema<'ProjectView'>;
        keep({ project });
    }
    const path = { project: project.slug };
    const variables = plan.variables.filter(one => one.name !== '');
    if (!before.variables && variables.length > 0) {
        begin('variables');
        for (const { name, value, secret } of variables) {
            await api.PUT('/v1/projects/{project}/env/{name}', { params: { path: { ...path, name } }, body: { value, secret } as never });
        }
        keep({ variables: true });
    }
    if (source?.kind === 'repository' && !before.repository) {
        begin('repository');
        const { data } = await api.POST('/v1/projects/{project}/repository', { params: { path }, body: source.asked as never });
        keep({ repository: data });
    }
    if (source?.kind === 'folder') {
        let sent = before.upload;
        if (!sent) {
            begin('upload');
            const files = source.built ? source.folder.files.filter(one => !isOutput(one.path)) : source.folder.files;
            sent = await upload(project.slug, source.built ? 'source' : 'output', files, tell);
            keep({ upload: sent });
        }
        begin('deployment');
        const { data } = await api.POST('/v1/projects/{project}/deployments', {
            params: { path },
            body: { upload: sent, production: true, message: `First deployment, from ${source.folder.name || 'a folder'}` } as never,
        });
        keep({ deployment: data?.id });
    }
}
