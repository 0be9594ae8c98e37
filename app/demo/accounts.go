// Package demo loads the demonstration: the real tenders and disclosures of
// real-input, walked through the product's own services to a fitting state,
// with accounts for every role.
package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"
)

// Account is one printed demo account. Kind is the kind of organisation
// ("bureau", "social"…, "person" for none).
type Account struct {
	Kind         string `json:"kind"`
	Organisation string `json:"organisation"`
	Role         string `json:"role"`
	Login        string `json:"login"`
	Password     string `json:"password"`
	Token        string `json:"token"` // bearer token of the API
}

// accountsFile is where the demonstration keeps what it printed; it exists
// only in a demonstration's data folder.
const accountsFile = "demo-accounts.json"

// Accounts reads the accounts of a loaded demonstration.
func Accounts(data string) ([]Account, error) {
	b, err := os.ReadFile(filepath.Join(data, accountsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s 里还没有演示数据，请先运行 gongji serve --demo --data %s", data, data)
	} else if err != nil {
		return nil, err
	}
	var out []Account
	return out, json.Unmarshal(b, &out)
}

// Print shows the accounts as a table for people.
func Print(w io.Writer, accounts []Account) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "登录名\t密码\t身份\t单位")
	for _, a := range accounts {
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", a.Login, a.Password, a.Kind+"."+a.Role, a.Organisation)
	}
	_ = tw.Flush()
}
