package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/procurement/seal"
)

// sealCommand makes a sealed bid, or opens one's own copy, without a network.
func sealCommand(_ context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("seal", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	form := fs.String("form", "", "投标格式文件，在项目页面下载")
	blank := fs.Bool("blank", false, "按投标格式文件打印一份待填的 bid.json")
	supplier := fs.String("supplier", "", "本单位在平台上的标识，填进 --blank 打印的 bid.json")
	bid := fs.String("bid", "", "填好的 bid.json")
	price := fs.String("price", "", "最后报价，元；form 为最后报价表单")
	to := fs.String("out", "", "加密后的文件")
	open := fs.String("open", "", "要打开的本单位副本")
	own := fs.String("identity", "", "个人密钥文件")
	dir := fs.String("to", "", "打开后存放的文件夹")
	var attach, keys list
	fs.Var(&attach, "attach", "附件，可以写多个")
	fs.Var(&keys, "key", "能打开本单位副本的公钥 age1…，或每行一个公钥的文件，可以写多个")
	if err := mixed(fs, args, &attach); err != nil {
		return errUsage
	}
	var err error
	switch {
	case *open != "" && *own != "" && *form == "":
		err = openOwn(*open, *own, *dir, out)
	case *open == "" && *form != "" && *blank:
		err = printBlank(*form, *supplier, out)
	case *open == "" && *form != "" && *bid == "" && *price != "" && *to != "":
		err = sealOffer(*form, *price, *to, keys, out)
	case *open == "" && *form != "" && *bid != "" && *to != "":
		err = sealBid(sealing{*form, *bid, *to, attach, keys}, out)
	default:
		return errUsage
	}
	return reason(err)
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// mixed parses flags with words between them: --attach a.pdf b.pdf --out x.
func mixed(fs *flag.FlagSet, args []string, words *list) error {
	for {
		if err := fs.Parse(args); err != nil {
			return err
		}
		if fs.NArg() == 0 {
			return nil
		}
		*words = append(*words, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// bidFile is what a bidder fills in. Price is in 分; PriceYuan, as people write
// amounts, may stand for it.
type bidFile struct {
	Supplier  id.ID             `json:"supplier"`
	Price     money.Fen         `json:"price,omitempty"`
	PriceYuan string            `json:"price_yuan,omitempty"`
	Delivery  string            `json:"delivery"`
	Answers   map[string]string `json:"answers"`
}

func (b bidFile) manifest(form seal.Form) (seal.Manifest, error) {
	m := seal.Manifest{Tender: form.Tender, Supplier: b.Supplier, Price: b.Price, Delivery: strings.TrimSpace(b.Delivery)}
	if b.PriceYuan != "" {
		if b.Price != 0 {
			return m, errors.New("price（分）和 price_yuan（元）只填一个")
		}
		fen, err := money.Parse(b.PriceYuan)
		if err != nil {
			return m, err
		}
		m.Price = fen
	}
	names := map[string]string{}
	for _, q := range form.Questions {
		names[q.Key] = q.Name
	}
	for key, text := range b.Answers {
		m.Answers = append(m.Answers, seal.Answer{Criterion: key, Name: names[key], Text: strings.TrimSpace(text)})
	}
	return m, nil
}

// printBlank prints a bid to fill in, with the questions as they read.
func printBlank(path, supplier string, out io.Writer) error {
	var form seal.Form
	if err := readJSON(path, &form); err != nil {
		return err
	}
	if err := seal.CheckForm(form); err != nil {
		return err
	}
	answers := map[string]string{}
	for _, q := range form.Questions {
		answers[q.Key] = "请回答：" + strings.TrimSpace(q.Name+" "+q.Description)
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Supplier  string            `json:"supplier"`
		PriceYuan string            `json:"price_yuan"`
		Delivery  string            `json:"delivery"`
		Answers   map[string]string `json:"answers"`
	}{strings.TrimSpace(supplier), "", "", answers})
}

type sealing struct {
	form, bid, out string
	attach, keys   []string
}

func sealBid(s sealing, out io.Writer) error {
	var form seal.Form
	var bid bidFile
	if err := errors.Join(readJSON(s.form, &form), readJSON(s.bid, &bid)); err != nil {
		return err
	}
	m, err := bid.manifest(form)
	if err != nil {
		return err
	}
	own, err := recipientsOf(s.keys)
	if err != nil {
		return err
	}
	var files []seal.Source
	for _, path := range s.attach {
		files = append(files, seal.Source{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) {
			f, err := os.Open(path)
			if err != nil {
				return nil, fmt.Errorf("打不开附件 %s：%w", path, err)
			}
			return f, nil
		}})
	}
	// The file appears whole under its name or not at all.
	var size int64
	err = whole(s.out, func(f *os.File) error {
		var err error
		if m, err = seal.Pack(f, form, m, files, own); err != nil {
			return err
		}
		size, err = f.Seek(0, io.SeekCurrent)
		return err
	})
	if err != nil {
		return err
	}
	sum, err := fileSum(s.out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "已加密：%s\n项目    %s %s\n报价    %s 元\n附件    %d 个\n大小    %d 字节\nSHA-256 %s\n", s.out, form.Number, form.Title,
		m.Price.Yuan(), len(m.Files), size, sum)
	if len(own) == 0 {
		fmt.Fprintln(out, "注意：没有用 --key 写明本单位的公钥，开标之前任何人（包括您自己）都打不开这份文件。")
	}
	if !form.Deadline.IsZero() {
		fmt.Fprintf(out, "请在 %s（北京时间）之前登录平台，在投标页面上传这个文件，并保存回执。\n", form.Deadline.In(clock.Beijing).Format("2006年01月02日 15:04"))
		if !time.Now().Before(form.Deadline) {
			fmt.Fprintln(out, "注意：按本机时钟，投标截止时间已过。")
		}
	}
	return nil
}

// recipientsOf reads recipients given as words or as files of one a line.
func recipientsOf(keys []string) ([]string, error) {
	var own []string
	for _, k := range keys {
		if strings.HasPrefix(k, "age1") {
			own = append(own, k)
			continue
		}
		b, err := os.ReadFile(k)
		if err != nil {
			return nil, fmt.Errorf("打不开公钥文件 %s：%w", k, err)
		}
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				own = append(own, line)
			}
		}
	}
	return own, nil
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("打不开 %s：%w", path, err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s 不是有效的 JSON：%w", path, err)
	}
	return nil
}
