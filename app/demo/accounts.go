package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// Account is one printed demo account. Kind is the kind of organisation
// ("bureau", "social"…, "person" for none). A person with several
// organisations has one line, and one token, for each.
type Account struct {
	Kind         string `json:"kind"`
	Organisation string `json:"organisation"`
	Role         string `json:"role"`
	Login        string `json:"login"`
	Password     string `json:"password"`
	Token        string `json:"token"` // bearer token of the API
}

// Accounts reads the accounts of a loaded demonstration.
func Accounts(data string) ([]Account, error) {
	m, err := readMark(data)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(data, accountsFile))
	if m == nil || !m.Ready || errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s 里还没有演示数据，请先运行 gongji serve --demo --data %s", data, data)
	} else if err != nil {
		return nil, err
	}
	var out []Account
	err = json.Unmarshal(b, &out)
	return out, err
}

// Print shows the accounts as a table for people; those that only stand behind
// the loaded records are counted.
func Print(w io.Writer, accounts []Account) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "登录名\t密码\t身份\t单位")
	others := 0
	for _, a := range accounts {
		if strings.HasPrefix(a.Login, sourcePrefix) {
			others++
			continue
		}
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", a.Login, a.Password, a.Kind+"."+a.Role, a.Organisation)
	}
	_ = tw.Flush()
	if others > 0 {
		_, _ = fmt.Fprintf(w, "另有 %d 个身份代来源记录中的单位操作，见 gongji demo accounts --json\n", others)
	}
}
