# One Vault server on its own disk; a person unseals it after a start. TLS ends at the compose network's edge.
storage "raft" {
  path    = "/vault/data"
  node_id = "vault-1"
}

listener "tcp" {
  address     = "0.0.0.0:8200"
  tls_disable = true
}

api_addr     = "http://vault:8200"
cluster_addr = "http://vault:8201"
disable_mlock = false
