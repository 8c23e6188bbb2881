//! `yundang user`: accounts at the console.

use super::{Ended, Usage, block_on, print_text};
use crate::http::known_roles;
use crate::norm_files::Library;
use crate::registry::{Registry, chance, new_id, now};
use anyhow::Context;
use clap::{Args, Subcommand};
use records::{NewAccount, Password, SignIn};
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who acts at the console of the machine.
pub(super) const CONSOLE: &str = "console";

#[derive(Debug, Args)]
pub(super) struct UserArgs {
    /// Data folder
    #[arg(long, value_name = "DIR", default_value = "yundang-data", global = true)]
    data: PathBuf,
    #[command(subcommand)]
    what: UserCommand,
}

impl UserArgs {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// List the accounts
    #[command(after_help = "Example:\n  yundang user list --data city-data")]
    List,
    /// Make an account; its first password is read from standard input and must be changed at the first sign-in
    #[command(
        after_help = "Example:\n  yundang user add lin --name 林青 --role officer --role editor --data city-data < password.txt"
    )]
    Add {
        /// 2 to 64 letters, digits or . _ - @
        login: String,
        /// The name that stands under what they sign
        #[arg(long)]
        name: String,
        /// officer, editor, administrator; may be given several times
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The district that they work for; the whole city by default
        #[arg(long, default_value = "")]
        district: String,
    },
    /// Give an account other roles; its sessions end
    #[command(after_help = "Example:\n  yundang user roles lin --role editor --data city-data")]
    Roles {
        /// The account
        login: String,
        /// All that it has from now on
        #[arg(long = "role")]
        roles: Vec<String>,
    },
    /// Let nobody sign in with an account; its sessions end
    #[command(after_help = "Example:\n  yundang user disable lin --data city-data")]
    Disable {
        /// The account
        login: String,
    },
    /// Let an account be used again
    #[command(after_help = "Example:\n  yundang user enable lin --data city-data")]
    Enable {
        /// The account
        login: String,
    },
    /// Set an account's password, read from standard input; it must be changed at the next sign-in
    #[command(after_help = "Example:\n  yundang user password lin --data city-data < password.txt")]
    Password {
        /// The account
        login: String,
    },
}

pub(super) fn user(args: &UserArgs, library: &Library) -> anyhow::Result<Ended> {
    block_on(async {
        let folder = super::city::open(&args.data, library).await?;
        let registry = Registry::open(&folder).await?;
        let done = run(&registry, &args.what).await;
        registry.records().close().await;
        done.map(|()| Ended::Done)
    })
}

async fn run(registry: &Registry, what: &UserCommand) -> anyhow::Result<()> {
    let records = registry.records();
    match what {
        UserCommand::List => {
            for account in records.accounts("", records::ROWS_MAX).await? {
                let state = if account.disabled { "停用 disabled" } else { "" };
                let roles = account.roles.join(",");
                print_text(&format!("{}\t{}\t{roles}\t{state}\n", account.login, account.display_name))?;
            }
            return Ok(());
        }
        UserCommand::Add { login, name, roles, district } => {
            let roles = known_roles(roles.clone())?;
            let password = records.keep_password(&read_password("密码 / password: ")?, login, name, &chance()).await?;
            let account = NewAccount {
                id: new_id(),
                login: login.clone(),
                display_name: name.clone(),
                district: district.clone(),
                roles,
                password,
                must_change: true,
            };
            let mut write = records.begin(registry.act(CONSOLE)).await?;
            write.add_account(&account).await?;
            write.commit().await?;
        }
        UserCommand::Roles { login, roles } => {
            let (account, roles) = (records.account_of(login).await?, known_roles(roles.clone())?);
            let mut write = records.begin(registry.act(CONSOLE)).await?;
            write.set_roles(account.id, &roles).await?;
            write.commit().await?;
        }
        UserCommand::Disable { login } | UserCommand::Enable { login } => {
            let account = records.account_of(login).await?;
            let mut write = records.begin(registry.act(CONSOLE)).await?;
            write.set_disabled(account.id, matches!(what, UserCommand::Disable { .. })).await?;
            write.commit().await?;
        }
        UserCommand::Password { login } => {
            let account = records.account_of(login).await?;
            let password = read_password("新密码 / new password: ")?;
            let password = records.keep_password(&password, &account.login, &account.display_name, &chance()).await?;
            let mut write = records.begin(registry.act(CONSOLE)).await?;
            write.set_password(account.id, &password, true, None).await?;
            write.commit().await?;
        }
    }
    eprintln!("完成 / done");
    Ok(())
}

/// Proves at the console that somebody is who they say they are; gives the login as it is kept.
///
/// # Errors
/// When the password is wrong, or the account is disabled or has a password to be changed.
pub(super) async fn prove(registry: &Registry, login: &str) -> anyhow::Result<String> {
    let password = read_password(&format!("{login} 的密码 / password of {login}: "))?;
    let sign_in = SignIn {
        login,
        password: Password(&password),
        origin: CONSOLE,
        device: "",
        old: None,
        id: new_id(),
        chance: &chance(),
    };
    registry.records().confirm_password(&sign_in, now()).await?;
    let account = registry.records().account_of(login).await?;
    if account.disabled || account.must_change {
        anyhow::bail!(
            "{login}: 账号已停用，或须先在页面上修改密码 / the account is disabled, or its password must be changed on the page first"
        );
    }
    Ok(account.login)
}

/// One line of standard input; a terminal does not show it.
fn read_password(prompt: &str) -> anyhow::Result<String> {
    let shown = std::io::stdin().is_terminal();
    let echo = |how: &str| Command::new("stty").arg(how).status();
    if shown {
        eprint!("{prompt}");
        let _ = echo("-echo");
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if shown {
        let _ = echo("echo");
        eprintln!();
    }
    read.context("standard input")?;
    let line = line.trim_end_matches(['\n', '\r']).to_owned();
    if line.is_empty() {
        anyhow::bail!(Usage("请从标准输入给出密码 / give the password on standard input".to_owned()));
    }
    Ok(line)
}
