// Package law knows which articles were read in a copy of their text. Whoever
// cites another one says so: 待核. The list is the ● of the project's rules;
// an article that is not on it was written down from memory.
package law

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Open is what stands behind a citation that was not read.
const Open = "待核"

//go:embed read.json
var list []byte

// text is a text of law and which of its articles were read. Whole: it may be
// cited without an article.
type text struct {
	Text     string `json:"text"`
	Short    string `json:"short,omitempty"`
	Whole    bool   `json:"whole,omitempty"`
	Articles []int  `json:"articles,omitempty"`
}

var texts = sync.OnceValue(func() []text {
	var all []text
	_ = json.Unmarshal(list, &all) // a test proves it
	return all
})

var (
	citation = regexp.MustCompile(`^(.+?)(?: ?第?([0-9]+(?:[–、][0-9]+)*)条?(?:第[0-9]+项)?)?$`)
	span     = regexp.MustCompile(`([0-9]+)(?:–([0-9]+))?`)
)

// Read reports whether every article of a citation was read: "政府采购法第35条",
// "财政部令第87号第39–40条", "财库〔2020〕10号"; several are parted by "；".
func Read(cited string) bool {
	for part := range strings.SplitSeq(cited, "；") {
		if !read(strings.TrimSpace(part)) {
			return false
		}
	}
	return true
}

func read(cited string) bool {
	for _, x := range texts() {
		rest, ok := strings.CutPrefix(cited, x.Text)
		if !ok && x.Short != "" {
			rest, ok = strings.CutPrefix(cited, x.Short)
		}
		if !ok {
			continue
		}
		if rest == "" {
			return x.Whole
		}
		m := citation.FindStringSubmatch("·" + rest)
		if m == nil || m[1] != "·" {
			continue // 政府采购法实施条例 is no article of 政府采购法
		}
		return x.all(m[2])
	}
	return false
}

func (x text) all(articles string) bool {
	for _, m := range span.FindAllStringSubmatch(articles, -1) {
		from, _ := strconv.Atoi(m[1])
		to := from
		if m[2] != "" {
			to, _ = strconv.Atoi(m[2])
		}
		for n := from; n <= to; n++ {
			if !slices.Contains(x.Articles, n) {
				return false
			}
		}
	}
	return true
}

// Cite is a citation as it is shown: with 待核 behind it where it was not read.
func Cite(cited string) string {
	if cited == "" || strings.Contains(cited, Open) || Read(cited) {
		return cited
	}
	return cited + "，" + Open
}

// Split parts a citation from its 待核, for pages that show it as a mark: open
// is also true of a citation that was not read and does not say so.
func Split(cited string) (article string, open bool) {
	article, marked := strings.CutSuffix(strings.TrimSpace(cited), "，"+Open)
	return article, marked || !Read(article)
}
