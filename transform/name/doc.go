// Package name reads people's names as the Maghreb writes them, in Arabic and
// in Latin script.
//
// [Latin] and [Arabic] clean a name for display and change nothing that a
// reader would see. [Key] is the comparison key: the same for every usual
// spelling of a name in either script. [Compact] is the normal form that
// string distances work on, within one script, and [Phonetic] a looser key to
// block on. [Placeholder] and [Test] find what is no person's name.
//
// # How a key is made
//
// A token of either script is first folded to one small alphabet, in which
// what the scripts and the spellers do not tell apart is one letter: kh and خ
// are x, q, k and ق and ك are k, ou, o, w and و are u, y and ي are i, a
// doubled letter is single. From that fold, [Key] keeps the consonants, the i
// and u that Arabic would write, a first vowel, and a final a, which tells
// Amina from Amine. Arabic writes no short vowel and Latin marks no long one,
// so an i or u in the first syllable of a word of three consonants is dropped
// from both.
//
// What rules cannot know, because the script leaves it out, is in names.txt:
// names, one group a line, whose spellings have one key. A name that is not
// there goes by the rules.
package name
