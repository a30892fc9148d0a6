"""Bridges to other libraries, one module each, none of them loaded by `import dedup`.

| module       | library    | extra               | gives                                    |
|--------------|------------|---------------------|------------------------------------------|
| `datasketch` | datasketch | `dedup[datasketch]` | MinHash objects, computed by our kernels |

A bridge takes texts or objects of the other library and gives objects of the other library or
arrays. It takes no part in a scan, and no room knows of it.
"""
