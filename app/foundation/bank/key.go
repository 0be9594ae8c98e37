package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"gongji/app/foundation/statement"
	"gongji/app/kernel/clock"
)

// keyed is a line with what makes it the same line in every file.
type keyed struct {
	statement.Line
	day, key string
}

// keysOf gives every line of a file the key by which it is known again, in
// another file as well: the bank's own number where it has one, else what the
// line says and which of its like it is on its day. A number that says the
// same line twice in one file is a copy, and is complained of.
func keysOf(lines []statement.Line) ([]keyed, []statement.Bad) {
	out := make([]keyed, 0, len(lines))
	var bad []statement.Bad
	like := map[string]int{} // how many of a kind so far, or the row of a number
	for _, l := range lines {
		k := keyed{Line: l, day: l.Date.In(clock.Beijing).Format(time.DateOnly)}
		says := []string{k.day, fmt.Sprint(int64(l.Amount)), l.Name, l.Account}
		if telling(l.Serial) {
			k.key = "n:" + digest(append(says, l.Serial)...)
			if row, twice := like[k.key]; twice {
				bad = append(bad, statement.Bad{Row: l.Row, Text: l.Serial + " " + l.Name,
					Why: fmt.Sprintf("流水号、日期、金额和对方都与第 %d 行相同，是同一笔，没有重复导入", row)})
				continue
			}
			like[k.key] = l.Row
		} else {
			base := digest(append(says, l.Memo)...)
			like[base]++
			k.key = fmt.Sprintf("h:%s:%d", base, like[base])
		}
		out = append(out, k)
	}
	return out, bad
}

// telling reports whether a serial is one of the bank's transaction numbers:
// vouchers are "0", "000000" or a short number that comes again.
func telling(serial string) bool {
	return len(serial) >= 6 && strings.Trim(serial, "0 -") != ""
}

func digest(fields ...string) string {
	h := sha256.New()
	for _, f := range fields {
		_, _ = fmt.Fprintf(h, "%d:%s", len(f), f)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
