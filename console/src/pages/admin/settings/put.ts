import { Problem } from '@/api/problem';

// Send a file to a presigned address; `sent` hears how many bytes are there (which `fetch` does not tell).
export function put(url: string, headers: Record<string, string>, file: Blob, sent: (bytes: number) => void): Promise<void> {
    return new Promise((done, failed) => {
        const request = new XMLHttpRequest();
        request.open('PUT', url);
        for (const [name, value] of Object.entries(headers)) {
            request.setRequestHeader(name, value);
        }
        request.upload.onprogress = event => sent(event.loaded);
        request.onload = () =>
            request.status < 300 ? done() : failed(new Problem(request.status, 'upload_refused', `The store refused the file (${request.status}).`, 'Try again; the address for it is good for a while only.'));
        request.onerror = () => failed(new Problem(0, 'upload_lost', 'The file did not reach the store.', 'Look at your connection and try again.'));
        request.send(file);
    });
}
