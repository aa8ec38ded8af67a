"""Who may do what on a factory server, and the secrets that prove who somebody is.

`make secrets` writes all of it into the folder `secrets`: `store` and `broker` say what each
account may, `hashes` how its password is kept, `authority` signs the servers' certificates.
"""
