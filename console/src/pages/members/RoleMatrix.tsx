import { IconCheck } from '@tabler/icons-react';
import { Panel } from '@/parts/Panel';
import { PERMISSIONS, permits, ROLES, WORDS } from '@/parts/roles';
import classes from './Members.module.css';

// Who may do what: the roles side by side, with one's own column marked.
export function RoleMatrix({ mine }: { mine: string }) {
    return (
        <Panel title="What each role may do" about="Roles permit. Policies can only take away." flush>
            <div className={`wide ${classes.scrolls}`} tabIndex={0} role="region" aria-label="What each role may do">
                <table className={classes.matrix}>
                    <thead>
                        <tr>
                            <th scope="col">Permission</th>
                            {ROLES.map(role => (
                                <th key={role} scope="col" className={role === mine ? classes.mine : undefined}>
                                    {role}
                                    {role === mine && <span className={classes.you}>you</span>}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {PERMISSIONS.map(permission => (
                            <tr key={permission}>
                                <th scope="row">
                                    {WORDS[permission]} <code className="soft mono">{permission}</code>
                                </th>
                                {ROLES.map(role => (
                                    <td key={role} className={role === mine ? classes.mine : undefined}>
                                        {permits(role, permission) ? <IconCheck size={16} aria-label="yes" role="img" /> : <span className="soft" aria-label="no" role="img">–</span>}
                                    </td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </Panel>
    );
}
