package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gongji/app/kernel/clock"
	"gongji/app/trust/signature"
)

// verify checks a PDF or JSON of the platform without a network.
func verify(_ context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("verify", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	key := fs.String("key", os.Getenv("GONGJI_VERIFY_KEY"), "平台公钥，或存有公钥的文件")
	data := fs.String("data", "", "平台的数据文件夹，用其中的公钥")
	asJSON := fs.Bool("json", false, "输出 JSON")
	var files list
	if err := mixed(fs, args, &files); err != nil || len(files) == 0 {
		return errUsage
	}
	keys, err := publicKeys(*key, *data)
	if err != nil {
		return reason(err)
	}
	wrong := 0
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("打不开 %s：%w", path, err)
		}
		s, err := signature.Verify(b, keys...)
		if err != nil && len(files) == 1 {
			return reason(err)
		}
		if err != nil {
			wrong++
			fmt.Fprintf(out, "%s：%v\n", path, reason(err))
			continue
		}
		if err := printStatement(out, path, s, *asJSON); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d 个文件没有通过核对", wrong)
	}
	return nil
}

// publicKeys are the keys a file may be signed with: the one given, or that of
// the instance whose data folder this is.
func publicKeys(key, data string) ([]string, error) {
	if key == "" && data == "" {
		return nil, errors.New("请用 --key 给出平台公钥（从平台网址的 /.well-known/gongji-key 取得），或设置 GONGJI_VERIFY_KEY")
	}
	if key == "" {
		if _, err := os.Stat(filepath.Join(data, "signing.key")); err != nil {
			return nil, fmt.Errorf("数据文件夹 %s 中没有签名密钥", data)
		}
		k, err := signature.Load(data, "", "")
		if err != nil {
			return nil, err
		}
		return []string{k.Public()}, nil
	}
	if strings.Contains(key, "+") {
		return []string{key}, nil
	}
	b, err := os.ReadFile(key)
	if err != nil {
		return nil, fmt.Errorf("打不开公钥文件 %s：%w", key, err)
	}
	return strings.Fields(string(b)), nil
}

func printStatement(out io.Writer, path string, s signature.Statement, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	fmt.Fprintf(out, "有效：%s\n  文书：%s\n  编号：%s\n  出具单位：%s\n  出具时间：%s（北京时间）\n", path, s.Title, s.Number, s.Issuer,
		s.IssuedAt.In(clock.Beijing).Format("2006年01月02日 15:04:05"))
	for _, f := range s.Facts {
		fmt.Fprintf(out, "  %s：%s\n", f.Label, f.Value)
	}
	_, err := fmt.Fprintf(out, "  核验码：%s（是否已作废，请在平台的查验页面输入核验码查看）\n", s.Code)
	return err
}

// keyCommand makes a signing key for replicas to share, or shows the public
// half of an instance's.
func keyCommand(_ context.Context, args []string, out io.Writer) error {
	if len(args) == 2 && args[0] == "new" {
		k, secret, err := signature.New(args[1])
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "GONGJI_SIGNING_KEY=%s\n公钥 %s\n密钥只显示这一次，请存进只有服务账号能读的地方。\n", secret, k.Public())
		return err
	}
	if len(args) == 0 || args[0] != "show" {
		return errUsage
	}
	c, fs, err := flags("key", args[1:], nil)
	if err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return errUsage
	}
	if c.SigningKey == "" && !signature.Made(c.Data) {
		return fmt.Errorf("%s 里没有签名密钥，请核对 --data 或 GONGJI_DATA；密钥在第一次启动时生成", c.Data)
	}
	host := ""
	if u, err := url.Parse(c.PublicURL); err == nil {
		host = u.Host
	}
	k, err := signature.Load(c.Data, c.SigningKey, host)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, k.Public())
	return err
}
