// Whether a promise has settled, for loops that move a fake clock until it has.

export function settled(promise: Promise<unknown>): () => boolean {
  let done = false;
  const finish = (): void => {
    done = true;
  };
  promise.then(finish, finish);
  return () => done;
}
