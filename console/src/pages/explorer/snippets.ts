// A request as programs write it. The token comes from the environment: nobody should paste theirs into a file.

export interface Asked {
    api: string;
    method: string;
    address: string;
    body: string;
    open: boolean;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export function curl({ api, method, address, body, open }: Asked): string {
    return [
        `curl -sS -X ${method} ${quoted(api + address)}`,
        ...(open ? [] : ['  -H "Authorization: Bearer $CLOUDDECK_TOKEN"']),
        ...(body ? ["  -H 'Content-Type: application/json'", `  -d ${quoted(body)}`] : []),
    ].join(' \\\n');
}

export function python({ api, method, address, body, open }: Asked): string {
    return [
        'import json',
        'import os',
        'import urllib.request',
        '',
        'request = urllib.request.Request(',
        `    ${JSON.stringify(api + address)},`,
        `    method=${JSON.stringify(method)},`,
        '    headers={',
        ...(open ? [] : ['        "Authorization": f"Bearer {os.environ[\'CLOUDDECK_TOKEN\']}",']),
        ...(body ? ['        "Content-Type": "application/json",'] : []),
        '    },',
        ...(body ? [`    data=json.dumps(json.loads(${JSON.stringify(body)})).encode(),`] : []),
        ')',
        'with urllib.request.urlopen(request) as answer:',
        '    print(answer.read().decode())',
    ].join('\n');
}

export function typescript({ api, method, address, body, open }: Asked): string {
    const headers = [
        ...(open ? [] : ['        Authorization: `Bearer ${process.env.CLOUDDECK_TOKEN}`,']),
        ...(body ? ["        'Content-Type': 'application/json',"] : []),
    ];
    return [
        `const answer = await fetch(${JSON.stringify(api + address)}, {`,
        `    method: '${method}',`,
        ...(headers.length ? ['    headers: {', ...headers, '    },'] : []),
        ...(body ? [`    body: JSON.stringify(${body.split('\n').join('\n    ')}),`] : []),
        '});',
        'console.log(answer.status, await answer.text());',
    ].join('\n');
}
