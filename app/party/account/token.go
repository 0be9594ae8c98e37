package account

import (
	"context"
	"database/sql"
	"errors"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// IssueToken makes a bearer token for the API that acts as one membership of
// the account ("" for the person alone). The token is returned once and kept
// only as a hash. It lasts ninety days.
func (s *Service) IssueToken(ctx context.Context, account id.ID, membership *id.ID, label string) (string, error) {
	now := s.clock.Now()
	until := now.AddDate(0, 0, 90)
	token := "gj_" + secret()
	_, err := s.db.NewInsert().Model(&Token{ID: id.New(now), TokenHash: hashToken(token), Account: account,
		Membership: membership, Label: clip(label, 60), CreatedAt: now, ExpiresAt: &until}).Exec(ctx)
	return token, db.Translate(err)
}

// Tokens resolves bearer tokens; it is what edge asks.
type Tokens struct{ *Service }

// Resolve finds who a bearer token stands for; Unauthenticated if nobody.
func (t Tokens) Resolve(ctx context.Context, bearer string) (party.Actor, error) {
	var r actorRow
	err := t.db.NewSelect().TableExpr("api_token AS c").Apply(whoIs).
		Where("c.token_hash = ?", hashToken(bearer)).
		Where("c.expires_at IS NULL OR c.expires_at > ?", t.clock.Now()).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return party.Actor{}, fault.New(fault.Unauthenticated, "令牌无效或已过期")
	}
	return r.actor(), db.Translate(err)
}

// TokensOf lists an account's live tokens, newest first.
func (s *Service) TokensOf(ctx context.Context, account id.ID) ([]Token, error) {
	var out []Token
	err := s.db.NewSelect().Model(&out).Where("account = ? AND ended_at IS NULL", account).
		Where("expires_at > ?", s.clock.Now()).Order("id DESC").Scan(ctx)
	return out, db.Translate(err)
}

// EndToken revokes a token of the actor's own at once.
func (s *Service) EndToken(ctx context.Context, who party.Actor, token id.ID) error {
	return db.One(s.db.NewUpdate().Model((*Token)(nil)).Set("ended_at = ?", s.clock.Now()).
		Where("id = ? AND account = ? AND ended_at IS NULL", token, who.Account).Exec(ctx))
}
