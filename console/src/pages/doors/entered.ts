import { useRouter } from '@tanstack/react-router';
import { keep } from '@/api/session';
import type { Schema } from '@/api/query';
import { destination } from './wanted';

// What an answer to any way of signing in means: in, or one more proof, which is given back.
export function useEntered(to: string): (answer: Schema<'SignIn'> | undefined, wanted?: string) => Schema<'ChallengeView'> | null {
    const router = useRouter();
    return (answer, wanted) => {
        if (answer?.challenge) {
            return answer.challenge;
        }
        if (answer?.access_token && answer.refresh_token) {
            keep({ access_token: answer.access_token, refresh_token: answer.refresh_token });
            router.history.replace(destination(wanted || to, location.origin));
        }
        return null;
    };
}
