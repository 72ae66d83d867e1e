/** What makes programs without a rule: it changes one place, or says that it cannot. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replaceBody, replaceText } from '../support/mutation.ts';

const RULES = `/* A rule, is_pair(), and its comment; it has { braces }. */
static __always_inline bool is_pair(const struct endpoint *self,
				    const struct endpoint *peer)
{
	if (!peer) {
		return false;
	}
	return self->first == peer->first;
}

static __always_inline enum leave_reason
reason_to_leave(const struct endpoint *self)
{
	return is_pair(self, self) ? LEAVE_NOT : LEAVE_OTHER;
}

__noinline int length_with(__u64 first)
{
	return 0;
}
`;

const sources = new Map([
  ['rules.h', RULES],
  ['other.h', 'int other;\n'],
]);

test.each([
  ['is_pair', 'return true;', /\n\{\n\treturn true;\n\}\n\nstatic __always_inline enum leave_reason\n/],
  ['reason_to_leave', 'return LEAVE_NOT;', /\nreason_to_leave\([^)]*\)\n\{\n\treturn LEAVE_NOT;\n\}\n\n__noinline/],
  ['length_with', 'return 1;', /length_with\(__u64 first\)\n\{\n\treturn 1;\n\}\n$/],
])('the body of %s() is replaced, and nothing else', (name, body, expected) => {
  const changed = replaceBody(name, body)(sources);
  const text = changed.get('rules.h') as string;
  expect(text).toMatch(expected);
  expect(changed.get('other.h')).toBe('int other;\n');
  for (const other of ['is_pair', 'reason_to_leave', 'length_with'].filter((one) => one !== name)) {
    expect(() => replaceBody(other, 'return 7;')(changed)).not.toThrow();
  }
});

test.each([
  ['that is not there', replaceBody('is_pairs', 'return true;'), /is_pairs\(\) is there 0 times/],
  ['that is called only', replaceBody('same', 'return true;'), /is there 0 times/],
  ['that stays as it is', replaceBody('length_with', 'return 0;'), /is replaced by itself/],
  ['text that is not there', replaceText('return maybe;', ''), /is there 0 times/],
  ['text that is there twice', replaceText('const struct endpoint *self', ''), /is there 2 times: rules.h, rules.h/],
])('fails loudly for a function or a text %s', (_what, mutate, expected) => {
  expect(() => mutate(sources)).toThrow(expected);
});

test('a function that two files define is none', () => {
  const twice = new Map([...sources, ['again.h', RULES]]);
  expect(() => replaceBody('is_pair', 'return true;')(twice)).toThrow(/is there 2 times: rules.h, again.h/);
});

test('a text is found however it is broken into lines, and its signs mean themselves', () => {
  const space = fc.stringMatching(/^[ \t\n]{1,5}$/);
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[^\s\w]{1,3}$/), { minLength: 1, maxLength: 6 }),
      space,
      (words, between) => {
        const text = new Map([['a.c', `a ${words.join(between)} z`]]);
        expect(replaceText(words.join(' '), 'X$&')(text).get('a.c')).toBe('a X$& z');
      },
    ),
  );
});
