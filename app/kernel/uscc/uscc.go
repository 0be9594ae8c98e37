// Package uscc checks 统一社会信用代码 (GB 32100-2015): 18 characters, the last
// of which is computed from the others and so catches a slip of the hand.
package uscc

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gongji/app/kernel/fault"
)

// Length is the number of characters in a code.
const Length = 18

// alphabet leaves out I, O, S, V and Z, which are read as other characters.
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// weights are powers of 3 modulo 31, for the first 17 characters.
var weights = [Length - 1]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

const standard = "GB 32100-2015"

// Check brings a code to its stored form (upper case, half width, without the
// spaces and hyphens people group it by) and verifies it. The error is an
// Invalid fault that says what is wrong: nothing entered, a wrong length, a
// character that no code has and where, or a check that does not come out. It
// never says what the check character should have been: a code that fails is
// to be compared with the certificate, not made to pass.
func Check(code string) (string, error) {
	if len(code) > 512 {
		return "", refuse("统一社会信用代码应为 18 位，填写的内容太长，请对照登记证书重新填写")
	}
	c := normal(code)
	if c == "" {
		return "", refuse("请填写统一社会信用代码，共 18 位，见登记证书")
	}
	for i, r := range []rune(c) {
		if strings.ContainsRune(alphabet, r) {
			continue
		}
		if like, ok := lookalike[r]; ok {
			return "", refuse("统一社会信用代码第 %d 位是字母 %c，代码中不使用字母 I、O、S、V、Z，请对照证书看是否为 %s", i+1, r, like)
		}
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return "", refuse("统一社会信用代码第 %d 位是无法显示的字符，请删去后重新填写", i+1)
		}
		return "", refuse("统一社会信用代码第 %d 位“%c”不是代码可用的字符，只能是数字和大写字母（不含 I、O、S、V、Z）", i+1, r)
	}
	if n := len(c); n != Length {
		return "", refuse("统一社会信用代码应为 18 位，现在是 %d 位，请对照登记证书补全或删去多余的字符", n)
	}
	if c[Length-1] != checkCharacter(c) {
		return "", refuse("统一社会信用代码校验不通过，其中至少有一位填错了，请对照登记证书逐位核对")
	}
	return c, nil
}

// Mask hides the middle of a code for public pages: "91**************66".
// Anything that is not 18 characters long is hidden altogether.
func Mask(code string) string {
	if len(code) != Length || utf8.RuneCountInString(code) != Length {
		return strings.Repeat("*", Length)
	}
	return code[:2] + strings.Repeat("*", Length-4) + code[Length-2:]
}

var lookalike = map[rune]string{'I': "数字 1", 'O': "数字 0", 'S': "数字 5", 'V': "字母 U 或 Y", 'Z': "数字 2"}

func refuse(format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).Under(standard)
}

func normal(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r = r - '！' + '!'
		}
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case unicode.IsSpace(r), r == '-', r == '\u200b', r == '\ufeff':
			return -1
		}
		return r
	}, s)
}

// checkCharacter needs at least 17 characters, all of the alphabet.
func checkCharacter(c string) byte {
	sum := 0
	for i, w := range weights {
		sum += strings.IndexByte(alphabet, c[i]) * w
	}
	return alphabet[(31-sum%31)%31]
}
