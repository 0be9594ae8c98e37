package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// canonical writes fields so that no two lists of fields give the same text:
// each as its length in bytes, a colon, and its bytes.
func canonical(fields ...string) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(strconv.Itoa(len(f)))
		b.WriteByte(':')
		b.WriteString(f)
	}
	return b.String()
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// contentOf is the fingerprint of what was asked, without who or when: a
// retry of the same request has the same one.
func contentOf(t Transaction, lines []Line) string {
	reverses := ""
	if t.Reverses != nil {
		reverses = string(*t.Reverses)
	}
	version := "gongji-ledger-content-1"
	if t.On != "" { // the day is part of it from the second version on; what stands keeps its hash
		version = "gongji-ledger-content-2:" + t.On
	}
	f := []string{version, string(t.Book), t.CauseKind, string(t.CauseID), t.Memo, reverses, t.Key}
	for _, l := range lines {
		f = append(f, string(l.Account), strconv.FormatInt(int64(l.Amount), 10))
	}
	return sum(canonical(f...))
}

// genesis is the hash before a book's first transaction.
func genesis(b string) string { return sum(canonical("gongji-ledger-book-1", b)) }

// hashOf chains a transaction to the one before it. It covers the content, so
// it covers the lines.
func hashOf(t Transaction) string {
	return sum(canonical("gongji-ledger-tx-1", t.PrevHash, strconv.FormatInt(t.Seq, 10), string(t.ID),
		t.At.UTC().Format(time.RFC3339Nano), string(t.By), t.Content))
}
