// Who may load a picture of a live site now. A page full of sites would be a page full of browsers, so few at once do.

const MOST = 12;

const waiting: (() => void)[] = [];
let taken = 0;

// Ask for a place; `go` is called when there is one. The answer gives it back, or the wish up.
export function place(go: () => void): () => void {
    let has = false;
    let over = false;
    const take = () => {
        has = true;
        taken += 1;
        go();
    };
    if (taken < MOST) {
        take();
    } else {
        waiting.push(take);
    }
    return () => {
        if (over) {
            return;
        }
        over = true;
        if (has) {
            taken -= 1;
            waiting.shift()?.();
        } else {
            waiting.splice(waiting.indexOf(take), 1);
        }
    };
}
