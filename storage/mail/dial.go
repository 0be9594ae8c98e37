package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"gongji/app/kernel/fault"
)

// ErrAway lies under what Send answers where no letter at all can be handed in
// now: the server is not reached, is not who it should be, or refuses the login.
// It is no letter's own fault, so one answer stands for all that wait.
var ErrAway = errors.New("mail: the server takes no letters from here")

// away words why the server could not be spoken to. The sentence is shown to
// staff, who pass it on to whoever runs the platform.
func away(err error) error {
	if why := distrusted(err); why != "" {
		return fault.Wrap(fault.Unavailable, ErrAway, "发信服务器的证书没有通过核验：%s。为防止信件交给冒充的服务器，没有发送；请平台管理员更正", why)
	}
	var said *gomail.SendError
	switch text := err.Error(); {
	case strings.Contains(text, "does not support STARTTLS"):
		return fault.Wrap(fault.Unavailable, ErrAway, "发信服务器不支持加密（STARTTLS），没有发送；请平台管理员更换服务器或更正设置")
	case errors.As(err, &said), strings.Contains(strings.ToLower(text), "auth"), strings.HasPrefix(text, "535"):
		return fault.Wrap(fault.Unavailable, ErrAway, "发信服务器拒绝了登录，没有发送；请平台管理员核对用户名和密码")
	}
	return fault.Wrap(fault.Unavailable, ErrAway, "发信服务器连接不上，没有发送；恢复后自动再试")
}

// distrusted says in Chinese what is wrong with the server's certificate, ""
// where that was not the trouble.
func distrusted(err error) string {
	var (
		cert    *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		bad     x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &unknown):
		return "证书不是受信任的机构签发的"
	case errors.As(err, &host):
		return "证书上的名称与服务器地址不一致"
	case errors.As(err, &bad) && bad.Reason == x509.Expired:
		return "证书已过期，或还没有生效"
	case errors.As(err, &cert), errors.As(err, &bad):
		return "证书无效"
	}
	return ""
}
