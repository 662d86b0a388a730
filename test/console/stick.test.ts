import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSticks } from '../../app/src/console/actions/stick.ts';

const NOTHING = { label: null, hotplug: false, mountpoint: null, partlabel: null };
const list = (...blockdevices: object[]): string => JSON.stringify({ blockdevices });

test('a USB stick is found with its label and size', () => {
  const text = list({
    ...NOTHING,
    path: '/dev/sda',
    fstype: 'vfat',
    label: 'STICK',
    size: '900M',
    tran: 'usb',
  });
  assert.deepEqual(parseSticks(text), [{ path: '/dev/sda', label: 'STICK (900M, vfat)' }]);
});

test('neither our own partitions nor mounted or inner disks are sticks', () => {
  const usb = { ...NOTHING, fstype: 'vfat', size: '64M', tran: 'usb' };
  const text = list(
    { ...usb, path: '/dev/sda2', partlabel: 'tillgate-boot' },
    { ...usb, path: '/dev/sdb1', mountpoint: '/run/x' },
    { ...usb, path: '/dev/sdc1', fstype: 'swap' },
    { ...usb, path: '/dev/nvme0n1p1', tran: 'nvme' },
  );
  assert.deepEqual(parseSticks(text), []);
});
