package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"

	"filippo.io/age"
	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/math/polynomial"
	"github.com/cloudflare/circl/secretsharing"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

// SubshareFormat is the format of what one old holder sends one new holder.
const SubshareFormat = "gongji-subshare-1"

// Contribution is what one old holder gives to a re-share: their share, split
// again among the new holders, with the commitment to that split.
type Contribution struct {
	From       int      `json:"from"` // the old holder's index
	Commitment [][]byte `json:"commitment"`
	// Files[j] is the age file to new holder j+1.
	Files [][]byte `json:"files"`
}

// SubshareFile is what a file of a Contribution holds.
type SubshareFile struct {
	Format     string `json:"format"`
	Tender     id.ID  `json:"tender"`
	Generation int    `json:"generation"` // of the key it will make
	From       int    `json:"from"`
	To         int    `json:"to"`
	Value      string `json:"value"` // base64url of the scalar
}

// Subshares splits an old holder's share among new holders. It is the client's
// half; a threshold of the old holders must do it, each for the same new
// holders in the same order.
func (k Key) Subshares(old Share, threshold int, holders []Holder) (Contribution, error) {
	if err := checkHolders(threshold, holders); err != nil {
		return Contribution{}, err
	}
	split := secretsharing.New(rand.Reader, uint(threshold-1), old.value)
	points, err := marshalPoints(split.CommitSecret())
	if err != nil {
		return Contribution{}, err
	}
	c := Contribution{From: old.Index, Commitment: points}
	for i, h := range holders {
		v, err := split.ShareWithID(scalar(i + 1)).Value.MarshalBinary()
		if err != nil {
			return Contribution{}, err
		}
		b, err := json.Marshal(SubshareFile{Format: SubshareFormat, Tender: k.Tender, Generation: k.Generation + 1,
			From: old.Index, To: i + 1, Value: base64.RawURLEncoding.EncodeToString(v)})
		if err != nil {
			return Contribution{}, err
		}
		file, err := lock(b, h.Recipient)
		if err != nil {
			return Contribution{}, err
		}
		c.Files = append(c.Files, file)
	}
	return c, nil
}

// CheckContribution refuses a contribution that does not split the share its
// holder has, as the key's commitment knows it. The server asks it: it needs
// no secret.
func (k Key) CheckContribution(c Contribution, threshold int, holders []Holder) error {
	if err := checkHolders(threshold, holders); err != nil {
		return err
	}
	if c.From < 1 || c.From > len(k.Shares) {
		return bad("换人份额来自第 %d 号保管人，但本项目只有 %d 名", c.From, len(k.Shares))
	}
	if len(c.Commitment) != threshold || len(c.Files) != len(holders) {
		return bad("换人份额的份数与新保管人不符，请刷新页面后重做")
	}
	for _, f := range c.Files {
		if err := isAge(f); err != nil || len(f) > 8<<10 {
			return bad("换人份额没有加密，平台拒绝接收；请刷新页面后重做")
		}
	}
	points, err := unmarshalPoints(c.Commitment)
	if err != nil {
		return err
	}
	mine, err := k.points()
	if err != nil {
		return err
	}
	if !points[0].IsEqual(at(mine, c.From)) {
		return bad("第 %d 号保管人的换人份额与其保管的份额不符，请其刷新页面后重做", c.From)
	}
	return nil
}

// Next is the key after a re-share by exactly the given contributions: the
// same recipient and wrapped identity, a new commitment, the new holders still
// without their files. It needs no secret, and refuses any set that would make
// another key.
func (k Key) Next(contributions []Contribution, threshold int, holders []Holder) (Key, error) {
	if len(contributions) != k.Threshold {
		return Key{}, bad("更换保管人需要 %d 名原保管人各交一份，现在是 %d 份", k.Threshold, len(contributions))
	}
	var from []group.Scalar
	seen := map[int]bool{}
	for _, c := range contributions {
		if err := k.CheckContribution(c, threshold, holders); err != nil {
			return Key{}, err
		}
		if seen[c.From] {
			return Key{}, bad("第 %d 号保管人重复提交", c.From)
		}
		seen[c.From] = true
		from = append(from, scalar(c.From))
	}
	sum := make([]group.Element, threshold)
	for m := range sum {
		sum[m] = ristretto.Identity()
	}
	for i, c := range contributions {
		points, err := unmarshalPoints(c.Commitment)
		if err != nil {
			return Key{}, err
		}
		weight := polynomial.LagrangeBase(uint(i), from, ristretto.NewScalar())
		for m, p := range points {
			sum[m].Add(sum[m], ristretto.NewElement().Mul(p, weight))
		}
	}
	commitment, err := marshalPoints(sum)
	if err != nil {
		return Key{}, err
	}
	if !bytes.Equal(commitment[0], k.Commitment[0]) {
		return Key{}, fault.New(fault.Unavailable, "更换保管人后的密钥与原密钥不符，请重新发起更换")
	}
	next := Key{Tender: k.Tender, Recipient: k.Recipient, Wrapped: slices.Clone(k.Wrapped), Commitment: commitment,
		Threshold: threshold, Generation: k.Generation + 1}
	for i, h := range holders {
		next.Shares = append(next.Shares, SealedShare{Index: i + 1, Holder: h})
	}
	return next, nil
}

// Combine makes new holder index's share of the next key from the files sent
// to them, and says whose file is false if one is. It is the client's half;
// lock the share with next.Lock afterwards.
func (k Key) Combine(next Key, index int, contributions []Contribution, own age.Identity) (Share, error) {
	var parts []secretsharing.Share
	for _, c := range contributions {
		if index < 1 || index > len(c.Files) {
			return Share{}, bad("没有给第 %d 号新保管人的换人份额", index)
		}
		var f SubshareFile
		if err := unlock(own, c.Files[index-1], &f); err != nil {
			return Share{}, err
		}
		points, err := unmarshalPoints(c.Commitment)
		if err != nil {
			return Share{}, err
		}
		v := ristretto.NewScalar()
		b, err := base64.RawURLEncoding.Strict().DecodeString(f.Value)
		mine := f.Format == SubshareFormat && f.Tender == k.Tender && f.Generation == next.Generation && f.From == c.From && f.To == index
		if err != nil || v.UnmarshalBinary(b) != nil || !mine ||
			!secretsharing.Verify(uint(next.Threshold-1), secretsharing.Share{ID: scalar(index), Value: v}, points) {
			return Share{}, bad("第 %d 号原保管人交来的换人份额不对，请其重做", c.From)
		}
		parts = append(parts, secretsharing.Share{ID: scalar(c.From), Value: v})
	}
	if len(parts) != k.Threshold {
		return Share{}, bad("更换保管人需要 %d 名原保管人各交一份，现在是 %d 份", k.Threshold, len(parts))
	}
	v, err := secretsharing.Recover(uint(k.Threshold-1), parts)
	if err != nil {
		return Share{}, err
	}
	s := Share{Index: index, value: v}
	return s, next.fits(s)
}

// at is the point a commitment has for a holder: their share times the base.
func at(points []group.Element, index int) group.Element {
	sum := ristretto.Identity()
	for _, p := range slices.Backward(points) {
		sum.Mul(sum, scalar(index))
		sum.Add(sum, p)
	}
	return sum
}

func (k Key) points() ([]group.Element, error) {
	if k.Threshold < LeastThreshold || len(k.Commitment) != k.Threshold {
		return nil, fault.New(fault.Unavailable, "项目密钥的存档已损坏，请联系平台管理员核查")
	}
	return unmarshalPoints(k.Commitment)
}

func marshalPoints(points []group.Element) ([][]byte, error) {
	var out [][]byte
	for _, p := range points {
		b, err := p.MarshalBinaryCompress()
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func unmarshalPoints(in [][]byte) ([]group.Element, error) {
	var out []group.Element
	for _, b := range in {
		p := ristretto.NewElement()
		if len(b) != 32 || p.UnmarshalBinary(b) != nil {
			return nil, bad("密钥承诺的格式不对，请刷新页面后重做")
		}
		out = append(out, p)
	}
	return out, nil
}
