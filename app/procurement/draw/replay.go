package draw

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Read parses a file strictly: a field this version does not know is refused,
// for a reader that skips it would not be checking what is printed.
func Read(data []byte) (File, error) {
	var f File
	if err := strict(data, &f); err != nil {
		return f, err
	}
	return f, f.known()
}

// ReadAll parses a file of one draw or a list of them, as the API publishes a
// tender's, as strictly as Read.
func ReadAll(data []byte) ([]File, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) {
		f, err := Read(data)
		return []File{f}, err
	}
	var list []File
	if err := strict(data, &list); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("文件中没有抽取记录")
	}
	for _, f := range list {
		if err := f.known(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func strict(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("不是抽取记录：%w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("不是抽取记录：记录之后还有其他内容")
	}
	return nil
}

func (f File) known() error {
	if f.Format != Format {
		return fmt.Errorf("格式是 %q，应为 %s", f.Format, Format)
	}
	return nil
}

// Replay computes everything again from the file's own inputs and lists where
// it differs; nothing when all is as it says.
func (f File) Replay() []string {
	var out []string
	differ := func(what, is, should string) {
		if is != should {
			out = append(out, fmt.Sprintf("%s：文件为 %s，重算为 %s", what, is, should))
		}
	}
	bad := f.check()
	if bad != nil {
		out = append(out, "名单或需求："+bad.Error())
	}
	commitment, err := f.commitment()
	if err != nil {
		return append(out, err.Error())
	}
	differ("名单和回避的校验值（commitment）", f.Commitment, commitment)
	if bad != nil {
		return out // there is nothing that could be drawn again
	}
	if f.DrawnAt == nil {
		if f.Nonce+f.Value+f.Seed != "" || len(f.Orders)+len(f.Declines)+len(f.Seated)+len(f.Openings) > 0 {
			out = append(out, "没有抽取时间，却有抽取结果")
		}
		return out
	}
	if f.DrawnAt.Before(f.CommittedAt) {
		out = append(out, "抽取时间早于名单公布的时间")
	}
	differ("随机数的校验值（nonce_sha256）", f.NonceSHA256, digest(f.Nonce))
	seed := digest(commitment + "\n" + f.Nonce + "\n" + f.Value)
	differ("种子（seed）", f.Seed, seed)
	again := f
	again.Seed, again.Declines = seed, slices.Clone(f.Declines)
	if again.Orders, err = again.orders(); err != nil {
		return append(out, err.Error())
	}
	for i, o := range again.Orders {
		if i >= len(f.Orders) {
			out = append(out, fmt.Sprintf("第 %d 项抽取结果缺失", i+1))
			continue
		}
		differ(fmt.Sprintf("第 %d 项抽中", i+1), fmt.Sprint(f.Orders[i].Drawn), fmt.Sprint(o.Drawn))
		differ(fmt.Sprintf("第 %d 项候补", i+1), fmt.Sprint(f.Orders[i].Alternates), fmt.Sprint(o.Alternates))
	}
	if len(f.Orders) > len(again.Orders) {
		out = append(out, "抽取结果比需求多")
	}
	seated := again.seats()
	for i, d := range again.Declines {
		differ("替换 "+short(d.Code), f.Declines[i].Instead, d.Instead)
	}
	differ("最终名单（seated）", fmt.Sprint(f.Seated), fmt.Sprint(seated))
	return append(out, f.openings()...)
}

func (f File) openings() []string {
	var out []string
	known := map[string]bool{}
	for _, e := range f.Pool {
		known[e.Code] = true
	}
	for _, o := range f.Openings {
		switch {
		case !known[o.Code]:
			out = append(out, "揭示的编号不在名单中："+short(o.Code))
		case Code(o.Salt, o.Subject) != o.Code:
			out = append(out, fmt.Sprintf("编号 %s 不是“%s”的校验值", short(o.Code), o.Subject))
		}
	}
	return out
}

func short(code string) string { return code[:min(12, len(code))] }
