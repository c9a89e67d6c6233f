import { IconGitBranch, IconGitCommit, IconGitPullRequest, IconTag, IconUpload } from '@tabler/icons-react';
import { short, type Deployment } from './deeds';
import classes from './deployments.module.css';

const SIZE = 15;

// Where a deployment came from: branch, tag or pull request and commit, or that somebody uploaded it.
export function Origin({ of }: { of: Deployment }) {
    const Sign = of.pull ? IconGitPullRequest : of.tag ? IconTag : IconGitBranch;
    const from = of.pull ? `#${of.pull}${of.branch ? ` ${of.branch}` : ''}` : of.tag || of.branch;
    return (
        <span className={classes.origin}>
            {from && (
                <span className={classes.sign} title={from}>
                    <Sign size={SIZE} aria-hidden="true" />
                    <span className="clip">{from}</span>
                </span>
            )}
            {of.source !== 'git' && (
                <span className={classes.sign}>
                    <IconUpload size={SIZE} aria-hidden="true" />
                    {of.source === 'prebuilt' ? 'uploaded finished' : 'uploaded'}
                </span>
            )}
            {of.commit && (
                <span className={`${classes.sign} mono`} title={of.commit}>
                    <IconGitCommit size={SIZE} aria-hidden="true" />
                    {short(of.commit)}
                </span>
            )}
        </span>
    );
}
