import { expect, test } from 'vitest';
import { shortCgroup } from '../../src/view/cgroup.ts';

const ID = '4f5c1a0b9d8e7f6a4f5c1a0b9d8e7f6a4f5c1a0b9d8e7f6a4f5c1a0b9d8e7f6a';

test.each([
  [`/system.slice/docker-${ID}.scope`, '4f5c1a0b9d8e'],
  [`/docker/${ID}`, '4f5c1a0b9d8e'],
  [`/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`, '4f5c1a0b9d8e'],
  [`/machine.slice/libpod-${ID}.scope/container`, '4f5c1a0b9d8e'],
  ['/system.slice/nginx.service', 'nginx.service'],
  ['/splice-demo-12', 'splice-demo-12'],
  ['/', '/'],
  [null, null],
])('%s is %s', (path, shown) => {
  expect(shortCgroup(path)).toBe(shown);
});
