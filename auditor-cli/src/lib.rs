//! auditor-cli
