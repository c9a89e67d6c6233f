import type { TeamOverview } from '../projects/sites';
import classes from './Overview.module.css';

const DAY = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' });

// Seven days of deployments: how many became ready, and how many failed, one bar a day.
export function Week({ days }: { days: TeamOverview['week']['days'] }) {
    const most = Math.max(...days.map(day => day.ready + day.failed), 1);
    return (
        <div className={classes.week} role="img" aria-label={days.map(day => `${DAY.format(new Date(day.day))}: ${day.ready} ready, ${day.failed} failed`).join('; ')}>
            {days.map(day => (
                <div key={day.day} className={classes.day} title={`${day.day}: ${day.ready} ready, ${day.failed} failed`}>
                    <div className={classes.bar}>
                        <i className={classes.failed} style={{ height: `${(day.failed / most) * 100}%` }} />
                        <i className={classes.ready} style={{ height: `${(day.ready / most) * 100}%` }} />
                    </div>
                    <span>{DAY.format(new Date(day.day)).charAt(0)}</span>
                </div>
            ))}
        </div>
    );
}
