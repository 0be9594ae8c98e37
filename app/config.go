package app

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"gongji/app/trust/signature"
	"gongji/storage/mail"
)

// Config is everything an operator decides. Environment reads it.
type Config struct {
	Addr        string      // host:port to listen on
	Data        string      // folder of the embedded default: database file and objects
	DatabaseURL string      // sqlite:PATH or postgres://…
	PublicURL   string      // how people reach us, without a trailing slash
	S3          S3          // zero: objects in a local folder
	ProxyHeader string      // a header that names the client's address, set by a proxy of ours
	OCDSPrefix  string      // of every ocid; "" says visibly that none is registered
	GivingID    string      // the prefix 360Giving gave, of every grant's id; "" says visibly that there is none
	Publisher   string      // the name behind the open data; "" is 共济平台
	SigningKey  string      // the platform's signing key; "" keeps one in Data
	BidLimit    int64       // largest sealed bid in bytes; 0 is the default of 512 MiB
	SMTP        mail.Config // how letters are sent; zero: none are
	Demo        bool        // load the demonstration and let visitors move its clock
}

// S3 is where objects are kept in production.
type S3 struct {
	Endpoint, AccessKey, SecretKey, Bucket string
	TLS                                    bool
}

var (
	headerName = regexp.MustCompile(`^[A-Za-z0-9-]*$`)
	givingID   = regexp.MustCompile(`^360G-[A-Za-z0-9]{1,32}$`)
	ocdsPrefix = regexp.MustCompile(`^ocds-[a-z0-9]{6}$`)
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

// Environment reads the configuration from GONGJI_… variables. Every error is
// one line that names the variable and says what it should be.
func Environment(get func(string) string) (Config, error) {
	or := func(name, fallback string) string {
		if v := strings.TrimSpace(get(name)); v != "" {
			return v
		}
		return fallback
	}
	c := Config{Addr: or("GONGJI_ADDR", "127.0.0.1:8080"), Data: or("GONGJI_DATA", "data"),
		DatabaseURL: or("GONGJI_DATABASE_URL", ""), PublicURL: strings.TrimRight(or("GONGJI_PUBLIC_URL", ""), "/"),
		ProxyHeader: or("GONGJI_PROXY_HEADER", ""), SigningKey: or("GONGJI_SIGNING_KEY", ""), OCDSPrefix: or("GONGJI_OCDS_PREFIX", ""), GivingID: or("GONGJI_360GIVING_PREFIX", ""), Publisher: or("GONGJI_PUBLISHER", ""),
		S3: S3{Endpoint: or("GONGJI_S3_ENDPOINT", ""), AccessKey: or("GONGJI_S3_ACCESS_KEY", ""),
			SecretKey: or("GONGJI_S3_SECRET_KEY", ""), Bucket: or("GONGJI_S3_BUCKET", "gongji")}}
	c.SMTP = mail.Config{Host: or("GONGJI_SMTP_HOST", ""), User: or("GONGJI_SMTP_USER", ""), Password: or("GONGJI_SMTP_PASSWORD", ""),
		From: or("GONGJI_SMTP_FROM", ""), Security: or("GONGJI_SMTP_SECURITY", "")}
	// An endpoint may carry its scheme; GONGJI_S3_TLS, where set, still decides.
	tls := "true"
	if host, ok := strings.CutPrefix(c.S3.Endpoint, "http://"); ok {
		c.S3.Endpoint, tls = strings.TrimRight(host, "/"), "false"
	} else if host, ok := strings.CutPrefix(c.S3.Endpoint, "https://"); ok {
		c.S3.Endpoint = strings.TrimRight(host, "/")
	}
	v := or("GONGJI_S3_TLS", tls)
	on, err := strconv.ParseBool(v)
	if err != nil {
		return c, fmt.Errorf("GONGJI_S3_TLS 应为 true 或 false，现在是 %q", v)
	}
	c.S3.TLS = on && c.S3.Endpoint != ""
	if v := or("GONGJI_BID_LIMIT", ""); v != "" {
		mb, err := strconv.ParseInt(v, 10, 64)
		if err != nil || mb < 2 || mb > 2048 {
			return c, fmt.Errorf("GONGJI_BID_LIMIT 应为 2–2048 的整数（一份密封投标的上限，单位 MB），现在是 %q", v)
		}
		c.BidLimit = mb << 20
	}
	return c, c.Check()
}

// Check reports the first thing that is wrong and completes what follows from
// the rest.
func (c *Config) Check() error {
	if _, port, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("GONGJI_ADDR 应为 主机:端口，例如 127.0.0.1:8080，现在是 %q", c.Addr)
	} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("GONGJI_ADDR 的端口应为 0–65535，现在是 %q", port)
	}
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.Data, "gongji.db")
	}
	if !strings.HasPrefix(c.DatabaseURL, "sqlite:") && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		return errors.New("GONGJI_DATABASE_URL 应以 sqlite: 或 postgres:// 开头")
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Addr
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" {
		return fmt.Errorf("GONGJI_PUBLIC_URL 应为 https://主机名，后面不带路径，现在是 %q", c.PublicURL)
	}
	if !headerName.MatchString(c.ProxyHeader) {
		return fmt.Errorf("GONGJI_PROXY_HEADER 应为一个 HTTP 头的名字，例如 X-Forwarded-For，现在是 %q", c.ProxyHeader)
	}
	if c.OCDSPrefix != "" && !ocdsPrefix.MatchString(c.OCDSPrefix) {
		return fmt.Errorf("GONGJI_OCDS_PREFIX 应为 OCDS 登记的前缀，例如 ocds-a1b2c3，现在是 %q", c.OCDSPrefix)
	}
	if c.GivingID != "" && !givingID.MatchString(c.GivingID) {
		return fmt.Errorf("GONGJI_360GIVING_PREFIX 应为 360Giving 登记的前缀，例如 360G-example，现在是 %q", c.GivingID)
	}
	if c.S3.Bucket != "" && !bucketName.MatchString(c.S3.Bucket) {
		return fmt.Errorf("GONGJI_S3_BUCKET 应为 3–63 个小写字母、数字、点或短横，现在是 %q", c.S3.Bucket)
	}
	if c.S3.Endpoint != "" {
		if strings.Contains(c.S3.Endpoint, "/") {
			return fmt.Errorf("GONGJI_S3_ENDPOINT 应为 主机:端口，后面不带路径，现在是 %q", c.S3.Endpoint)
		}
		if c.S3.AccessKey == "" || c.S3.SecretKey == "" {
			return errors.New("设置了 GONGJI_S3_ENDPOINT，还需要 GONGJI_S3_ACCESS_KEY 和 GONGJI_S3_SECRET_KEY")
		}
	}
	if err := c.SMTP.Check(); err != nil {
		return err
	}
	if c.SigningKey != "" {
		if _, err := signature.Parse(c.SigningKey); err != nil {
			return fmt.Errorf("GONGJI_SIGNING_KEY 不对：%w", err)
		}
	}
	if info, err := os.Stat(c.Data); err == nil && !info.IsDir() {
		return fmt.Errorf("GONGJI_DATA 应为文件夹，%q 是一个文件", c.Data)
	}
	return nil
}

// host is what the platform's signing key is named after.
func (c Config) host() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return ""
	}
	return u.Host
}
