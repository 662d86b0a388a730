// A file that other users of the system read. Programs that run as root here make files for
// themselves (UMask=0077), so both file and folder are opened for reading by name.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export async function writeShown(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await chmod(dirname(path), 0o755);
  await writeFile(path, text);
  await chmod(path, 0o644);
}
