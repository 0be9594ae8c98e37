package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/signature"
	"gongji/storage/db"
)

// statement is what the platform signs of a document: what the verification
// page shows, and the claims that only those who have the document may read.
func (d Document) statement() signature.Statement {
	sum := sha256.Sum256([]byte(d.Content))
	s := signature.Statement{Document: d.ID, Kind: d.Kind, Title: d.Title, Number: d.Number, Issuer: d.Issuer,
		IssuedAt: d.IssuedAt, Code: d.Code, Content: hex.EncodeToString(sum[:])}
	for _, f := range d.Facts {
		s.Facts = append(s.Facts, signature.Fact{Label: f.Label, Value: f.Value})
	}
	s.Facts = append(s.Facts, d.Claims...)
	return s
}

// Signed is a document's signed statement as JSON, for whoever may have the
// document. It needs no PDF and is there at once.
func (s *Service) Signed(ctx context.Context, who party.Actor, doc id.ID) (Document, []byte, error) {
	d, err := s.Get(ctx, who, doc)
	if err != nil {
		return d, nil, err
	}
	err = s.db.NewSelect().Model((*Document)(nil)).Column("content").Where("id = ?", doc).Scan(ctx, &d.Content)
	if err != nil {
		return d, nil, db.Translate(err)
	}
	b, err := s.signer.JSON(d.statement())
	return d, b, err
}

// SignedName is what the download of Signed is called.
func (d Document) SignedName() string { return strings.TrimSuffix(d.FileName(), ".pdf") + ".json" }

// PublicKey is what signatures are checked with.
func (s *Service) PublicKey() string { return s.signer.Public() }
