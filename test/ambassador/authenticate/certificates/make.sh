#!/bin/sh
# Makes the certificates of this folder anew with OpenSSL 3. Of the keys only those are kept that a
# test shows in a handshake; they are for nothing else.
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }

authority() { # NAME: a root with the same name as every other root here
  new_key "$1"
  openssl req -x509 -new -key "$1.key" -subj '/O=podmates tests/CN=Root' -days 36500 -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
}

issue() { # NAME ISSUER SUBJECT EXTENSIONS
  new_key "$1"
  openssl req -new -key "$1.key" -subj "$3" -out "$1.csr"
  printf '%b' "$4" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days 36500 \
    -extfile "$1.ext" -out "$1.crt" 2>/dev/null
}

client='basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\nsubjectAltName='
authority root
authority impostor-root
issue intermediate root '/CN=Intermediate' 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n'
issue web root '/O=staff/O=editors/CN=web' "${client}URI:spiffe://prod/ns/shop/sa/web"
issue worker intermediate '/CN=worker' "${client}DNS:Worker.orders.svc,DNS:b.example,email:ops@example.org"
issue plain root '/CN=plain' 'basicConstraints=CA:FALSE\n'
issue nameless root '/O=staff' 'basicConstraints=CA:FALSE\n'
issue server root '/CN=server' 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n'
issue two-uris root '/CN=two' "${client}URI:spiffe://prod/ns/shop/sa/web,URI:spiffe://prod/ns/shop/sa/admin"
issue comma root '/CN=comma' "${client}@names\n[names]\nDNS.1=a.example, URI:spiffe://prod/ns/shop/sa/admin\n"
issue impostor impostor-root '/O=editors/CN=web' "${client}URI:spiffe://prod/ns/shop/sa/web"
issue child web '/CN=child' "${client}URI:spiffe://prod/ns/shop/sa/admin"

local='basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n'
issue localhost root '/CN=localhost' "$local"
issue renewed root '/CN=localhost' "$local"

cp ./*.crt localhost.key renewed.key web.key worker.key impostor.key "$here"
rm -r "$work"
