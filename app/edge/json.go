package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
)

// JSON reads the body into dst, strictly: a field that dst does not know, a
// field given twice, a value of another type, or anything after the value is
// Invalid and names the field. Money is an int64 of 分; a fraction is refused.
func (r *Request) JSON(dst any) error {
	r.body.limit = min(r.body.limit, FormLimit)
	if err := r.checkToken(""); err != nil {
		return err
	}
	kind, _, _ := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType))
	if kind != fiber.MIMEApplicationJSON && !strings.HasSuffix(kind, "+json") {
		return errMediaType
	}
	data, err := r.body.all()
	if err != nil {
		return err
	}
	return decodeJSON(data, dst)
}

func decodeJSON(data []byte, dst any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return fault.New(fault.Invalid, "请求内容为空，应为 JSON")
	}
	walk := json.NewDecoder(bytes.NewReader(data))
	walk.UseNumber()
	if err := walkJSON(walk, "", 0); err != nil {
		return explainJSON(err)
	}
	if _, err := walk.Token(); err != io.EOF {
		return fault.New(fault.Invalid, "JSON 之后还有多余的内容")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return explainJSON(dec.Decode(dst))
}

const maxDepth = 32

// walkJSON looks for what encoding/json lets through: a name given twice (the
// last would win unseen), text that cannot be stored, bottomless nesting.
func walkJSON(dec *json.Decoder, path string, depth int) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return fieldFault(path, "嵌套太深")
	}
	switch v := tok.(type) {
	case string:
		if !goodText(v) {
			return fieldFault(path, "含有无法保存的字符")
		}
	case json.Delim:
		seen := map[string]bool{}
		for i := 0; dec.More(); i++ {
			at := path + strconv.Itoa(i)
			if v == '{' {
				key, err := dec.Token()
				if err != nil {
					return err
				}
				name, _ := key.(string)
				at = path + name
				if seen[name] {
					return fieldFault(at, "出现了两次")
				}
				seen[name] = true
			}
			if err := walkJSON(dec, at+".", depth+1); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	}
	return err
}

func fieldFault(path, message string) error {
	return &fault.Fault{Kind: fault.Invalid, Message: "有 1 处需要修改，请按提示改正后再提交",
		Fields: []fault.Field{{Name: strings.TrimSuffix(path, "."), Message: message}}}
}

// explainJSON puts a decoder's error into words that name the field.
func explainJSON(err error) error {
	var f *fault.Fault
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case errors.As(err, &wrong):
		if wrong.Field == "" {
			return fault.New(fault.Invalid, "JSON 的最外层应为%s", jsonWord(wrong))
		}
		return fieldFault(wrong.Field, "应为"+jsonWord(wrong))
	case errors.As(err, &syntax):
		return fault.New(fault.Invalid, "JSON 第 %d 字节处有语法错误", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fault.New(fault.Invalid, "JSON 不完整")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if s, err := strconv.Unquote(name); err == nil {
			name = s
		}
		return fieldFault(name, "没有这个字段，请检查拼写")
	}
	return fault.Wrap(fault.Invalid, err, "JSON 中有一个值的格式不对，例如日期应写作 2026-11-21T09:00:00+08:00")
}

func jsonWord(e *json.UnmarshalTypeError) string {
	switch k := e.Type.Kind().String(); {
	case strings.HasPrefix(k, "int"), strings.HasPrefix(k, "uint"):
		return "整数"
	case strings.HasPrefix(k, "float"):
		return "数字"
	case k == "bool":
		return " true 或 false"
	case k == "string":
		return "文字"
	case k == "slice", k == "array":
		return "数组"
	}
	return "对象"
}
