package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"gongji/app/kernel/fault"
)

func bad(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// Verify checks a file that the platform signed, PDF or JSON, with the
// platform's public keys, and says what is signed. Any change of any byte is
// fault.Invalid with what is wrong.
func Verify(file []byte, keys ...string) (Statement, error) {
	var known []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return Statement{}, bad("公钥格式不对：应为 /.well-known/gongji-key 给出的一行，形如 名称+编号+密钥")
		}
		known = append(known, v)
	}
	if len(known) == 0 {
		return Statement{}, bad("没有平台的公钥，无法核对；请从平台网址的 /.well-known/gongji-key 取得")
	}
	if bytes.HasPrefix(file, []byte("%PDF-")) {
		return verifyPDF(file, known)
	}
	if bytes.HasPrefix(bytes.TrimSpace(file), []byte("{")) {
		return verifyJSON(file, known)
	}
	return Statement{}, bad("这不是平台出具的 PDF 或 JSON 文件")
}

func verifyPDF(file []byte, known []note.Verifier) (Statement, error) {
	at := bytes.LastIndex(file, []byte("\n"+marker))
	if at < 0 {
		return Statement{}, bad("这个 PDF 没有平台签名：不是平台出具的原件，或被另存、打印、编辑过")
	}
	pdf, rest := file[:at+1], file[at+1+len(marker):]
	var n bytes.Buffer
	for line := range bytes.Lines(rest) {
		comment, ok := bytes.CutPrefix(line, []byte("%"))
		if !ok {
			break
		}
		n.Write(comment)
	}
	s, err := open(n.Bytes(), known)
	if err != nil {
		return s, err
	}
	sum := sha256.Sum256(pdf)
	if s.PDF != hex.EncodeToString(sum[:]) {
		return s, bad("无效：文件内容与签名时不一致，被改动过")
	}
	if whole, err := stamped(pdf, n.Bytes()); err != nil || !bytes.Equal(whole, file) {
		return s, bad("无效：签名之后的文件末尾被改动过")
	}
	return s, nil
}

func verifyJSON(file []byte, known []note.Verifier) (Statement, error) {
	var x Signed
	dec := json.NewDecoder(bytes.NewReader(file))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&x); err != nil || x.Format != SignedFormat {
		return Statement{}, bad("这个 JSON 不是平台的签名文件（%s），或已损坏", SignedFormat)
	}
	s, err := open([]byte(x.Note), known)
	if err != nil {
		return s, err
	}
	// The part for reading must say what the signed part says, to the byte.
	again, err := Signed{SignedFormat, s, x.Note}.marshal()
	if err != nil || !bytes.Equal(again, file) {
		return s, bad("无效：文件内容与签名的内容不一致，被改动过")
	}
	return s, nil
}

func open(msg []byte, known []note.Verifier) (Statement, error) {
	n, err := note.Open(msg, note.VerifierList(known...))
	var stranger *note.UnverifiedNoteError
	var forged *note.InvalidSignatureError
	switch {
	case errors.As(err, &stranger):
		return Statement{}, bad("无效：文件是用另一把密钥签名的，不是所给公钥的平台出具的")
	case errors.As(err, &forged):
		return Statement{}, bad("无效：签名与内容不符，文件被改动过")
	case err != nil:
		return Statement{}, fault.Wrap(fault.Invalid, err, "无效：签名已损坏")
	case len(n.Sigs) != 1 || len(n.UnverifiedSigs) > 0:
		return Statement{}, bad("无效：签名之外另有多余的签名行")
	}
	// The last letter of base64 carries bits that nobody reads: another letter
	// would verify, and the file would not be the one that was issued.
	if _, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64); err != nil {
		return Statement{}, bad("无效：签名的写法被改动过")
	}
	s, err := parseStatement(n.Text)
	if err != nil {
		return s, fault.Wrap(fault.Invalid, err, "无效：签名的内容不是平台的文书")
	}
	return s, nil
}
