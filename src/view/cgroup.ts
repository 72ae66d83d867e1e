/** Cgroups by what people know them as. */

/** 64 hexadecimal digits: the id that Docker, containerd, CRI-O and Podman give a container. */
const CONTAINER_ID = /(?:^|[-/])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/;
const ID_SHOWN = 12;

/**
 * The container that a cgroup belongs to, by the first digits of its id as `docker ps` shows it;
 * else the last part of the path, such as `nginx.service`.
 * @param path from the root of the hierarchy; null when it is not known
 */
export function shortCgroup(path: string | null): string | null {
  if (path === null) return null;
  const container = CONTAINER_ID.exec(path);
  if (container) return (container[1] as string).slice(0, ID_SHOWN);
  return path.split('/').findLast((part) => part !== '') ?? '/';
}
