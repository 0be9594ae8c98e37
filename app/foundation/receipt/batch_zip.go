package receipt

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Zip streams the PDFs of a batch's valid receipts, with a list of them, as
// they come out of the object store: nothing is kept beside the receipts
// themselves. Who took it is on the batch's timeline. A stream that breaks
// leaves a file that no program takes for whole.
func (s *Bulk) Zip(ctx context.Context, who party.Actor, batch id.ID) (name string, body io.ReadCloser, err error) {
	var b Batch
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if b, err = s.decide(ctx, tx, who, batch, "take"); err != nil {
			return err
		}
		if b.Made == 0 {
			return fault.New(fault.Conflict, "这一批还没有生成收据文件")
		}
		return noteBatch(ctx, tx, who, s.clock.Now(), b, "下载收据压缩包", "", "")
	})
	if err != nil {
		return "", nil, err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(s.pack(ctx, batch, w)) }()
	return "收据 " + b.Title + ".zip", r, nil
}

// packed is one receipt in a ZIP.
type packed struct {
	Line      int    `bun:"line"`
	Year      int    `bun:"year"`
	No        int64  `bun:"no"`
	Reference string `bun:"reference"`
	DonorName string `bun:"donor_name"`
	Document  id.ID  `bun:"document"`
	SHA256    string `bun:"sha256"`
}

func (s *Bulk) pack(ctx context.Context, batch id.ID, to io.Writer) error {
	z := zip.NewWriter(to)
	var list strings.Builder
	list.WriteString("\ufeff")
	rows := csv.NewWriter(&list)
	_ = rows.Write([]string{"收据编号", "捐赠登记号", "捐赠人", "文件", "SHA-256"})
	for after := 0; ; {
		var part []packed
		err := s.db.NewSelect().TableExpr("receipt_batch_row AS x").ColumnExpr("x.line, x.reference, x.donor_name, r.year, r.no, d.id AS document, d.sha256").
			Join("JOIN receipt AS r ON r.id = x.receipt").Join("JOIN document AS d ON d.id = r.document").
			Where("x.batch = ? AND x.line > ? AND r.state = ? AND d.object_key <> ''", batch, after, Issued).OrderExpr("x.line").Limit(200).Scan(ctx, &part)
		if err != nil {
			return db.Translate(err)
		}
		if len(part) == 0 {
			break
		}
		for _, p := range part {
			after = p.Line
			file := fmt.Sprintf("%d-%06d %s.pdf", p.Year, p.No, fileName(p.DonorName))
			if err := s.packOne(ctx, z, file, p.Document); err != nil {
				return err
			}
			_ = rows.Write([]string{fmt.Sprintf("%d-%06d", p.Year, p.No), p.Reference, text(p.DonorName), file, p.SHA256})
		}
	}
	rows.Flush()
	w, err := z.CreateHeader(&zip.FileHeader{Name: "清单.csv", Method: zip.Deflate, Modified: s.clock.Now().In(clock.Beijing)})
	if err == nil {
		_, err = io.WriteString(w, list.String())
	}
	if err != nil {
		return err
	}
	return z.Close()
}

func (s *Bulk) packOne(ctx context.Context, z *zip.Writer, name string, doc id.ID) error {
	d, body, err := s.archive.OpenKept(ctx, doc)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	at := d.IssuedAt
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	// Stored, not deflated: a PDF is compressed inside.
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: at.In(clock.Beijing)})
	if err != nil {
		return err
	}
	n, err := io.Copy(w, body)
	if err == nil && n != d.Size {
		err = fault.New(fault.Unavailable, "文件没有读完整，请重新下载")
	}
	return err
}

// fileName is a donor's name as part of a file's, on any system.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40])
	}
	return strings.Trim(strings.TrimSpace(s), ".")
}

// text quotes what a spreadsheet would run as a formula.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
