//! Every sentence of the console, in each language: a phrase that lacks one does not compile. The words of the admin centre are
//! those of its own pages. Must not put a sentence together but by numbers.

use super::language::Language;

/// Defines the phrases: a name, English, French.
macro_rules! phrases {
    ($($name:ident: $english:literal, $french:literal;)*) => {
        /// A sentence or a word of the console.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
        pub(super) enum Phrase { $(#[doc = $english] $name,)* }

        impl Language {
            /// A phrase in this language.
            pub(super) const fn say(self, phrase: Phrase) -> &'static str {
                match (phrase, self) {
                    $((Phrase::$name, Self::English) => $english, (Phrase::$name, Self::French) => $french,)*
                }
            }
        }
    };
}

/// Defines what is counted: a name, and one and several of it in English and in French.
macro_rules! counted {
    ($($name:ident: $one:literal, $several:literal, $un:literal, $plusieurs:literal;)*) => {
        /// Things that are counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum CountedThing { $(#[doc = $several] $name,)* }

        impl Language {
            /// So many things in this language: French has one of nothing, English has several.
            pub(super) fn counted(self, things: CountedThing, number: u64) -> String {
                let word = match (things, self) {
                    $((CountedThing::$name, Self::English) => if number == 1 { $one } else { $several },
                      (CountedThing::$name, Self::French) => if number < 2 { $un } else { $plusieurs },)*
                };
                format!("{} {word}", self.count(number))
            }
        }
    };
}

counted! {
    Devices: "device", "devices", "appareil", "appareils";
    Messages: "message", "messages", "message", "messages";
    Notifications: "notification", "notifications", "notification", "notifications";
    People: "user", "users", "utilisateur", "utilisateurs";
}

phrases! {
    // The frame.
    SkipToContent: "Skip to content", "Aller au contenu";
    MainNavigation: "Main navigation", "Navigation principale";
    Crumbs: "You are here", "Vous êtes ici";
    Pages: "Pages of the list", "Pages de la liste";
    FirstPage: "First page", "Première page";
    NextPage: "Next page", "Page suivante";
    Overview: "Overview", "Vue d’ensemble";
    SendNotifications: "Send custom notifications", "Envoyer des notifications personnalisées";
    Messages: "Messages", "Messages";
    Devices: "Devices", "Appareils";
    Faults: "Faults", "Pannes";
    Scenario: "Scenario", "Scénario";
    Tenant: "Tenant", "Locataire";
    Tenants: "Tenants", "Locataires";
    ModelTime: "Model time", "Heure du modèle";
    Paused: "paused", "en pause";
    PauseUpdates: "Pause updates", "Suspendre les mises à jour";
    ResumeUpdates: "Resume updates", "Reprendre les mises à jour";
    ConnectionLost: "The connection to the server is lost. The page shows what was last known; load it again.",
        "La connexion au serveur est perdue. La page montre le dernier état connu ; rechargez-la.";
    ConnectionBack: "The connection is back.", "La connexion est rétablie.";
    SignIn: "Sign in", "Se connecter";
    SignOut: "Sign out", "Se déconnecter";
    SignInTitle: "Sign in to Reveille", "Se connecter à Reveille";
    SignInWhy: "The console shows and changes the tenants of this server. It takes the token of the control API.",
        "La console montre et modifie les locataires de ce serveur. Elle demande le jeton de l’API de contrôle.";
    ControlToken: "Control token", "Jeton de contrôle";
    TokenHelp: "The server prints at its start in which file the token is kept.",
        "Le serveur indique à son démarrage dans quel fichier se trouve le jeton.";
    WrongToken: "This is no token of this server. Copy it from the file that the server named at its start.",
        "Ce jeton n’est pas celui de ce serveur. Copiez-le depuis le fichier indiqué au démarrage du serveur.";
    LinkUsed: "This link has been used or is too old. Sign in with the token.",
        "Ce lien a déjà servi ou a expiré. Connectez-vous avec le jeton.";
    SignedOut: "You are signed out: the session is over, or the server has started again. Sign in and send the form again.",
        "Vous êtes déconnecté : la session a pris fin ou le serveur a redémarré. Connectez-vous et renvoyez le formulaire.";
    ReadOnly: "Your token may look at everything and change nothing. Sign in with a token of the role operate.",
        "Votre jeton permet de tout voir et de ne rien modifier. Connectez-vous avec un jeton du rôle operate.";
    ReadOnlyBanner: "You may look at everything and change nothing.", "Vous pouvez tout voir et ne rien modifier.";
    NothingWasDone: "Nothing was done", "Rien n’a été fait";
    ForeignForm: "The form does not come from a page of this console. Open the console and send it from there.",
        "Le formulaire ne vient pas d’une page de cette console. Ouvrez la console et envoyez-le depuis celle-ci.";
    CannotBeShown: "The page cannot be shown", "La page ne peut pas être affichée";
    NoSuchPage: "There is no such page in the console.", "Cette page n’existe pas dans la console.";
    NoSuchTenant: "This server has no such tenant. The start of the console lists those that it has.",
        "Ce serveur n’a pas ce locataire. Le début de la console liste ceux qu’il a.";
    NotThere: "It is not there", "Introuvable";
    NotThereWhy: "What this link is for does not exist, or is gone since the tenant was reset.",
        "Ce que désigne ce lien n’existe pas, ou a disparu à la réinitialisation du locataire.";
    TryAgain: "Try again", "Réessayer";
    ToOverview: "To the overview", "Vers la vue d’ensemble";
    ToStart: "To the start of the console", "Vers le début de la console";
    EngineFailed: "The engine of this tenant has failed. Reset the tenant by the control API.",
        "Le moteur de ce locataire est en échec. Réinitialisez le locataire par l’API de contrôle.";
    StoreFailed: "The store of this tenant has failed: nothing is accepted any more. Read what it says, and start the server again.",
        "Le stockage de ce locataire est en échec : plus rien n’est accepté. Lisez la cause, puis redémarrez le serveur.";
    TimeIsOver: "Model time has come to its end: nothing happens any more. Reset the tenant.",
        "L’heure du modèle est arrivée à sa fin : plus rien ne se passe. Réinitialisez le locataire.";
    ThereIsAProblem: "There is a problem", "Il y a un problème";
    Cancel: "Cancel", "Annuler";
    Search: "Search", "Rechercher";
    Add: "Add", "Ajouter";
    Remove: "Remove", "Retirer";
    Set: "Set", "Régler";
    Yes: "yes", "oui";
    No: "no", "non";
    Bar: "as a bar", "en barre";
    // The overview and the clock.
    Pairs: "Pairs", "Paires";
    Reach: "Reach", "Portée";
    GroupQuota: "Group messages left this hour", "Messages aux groupes restants cette heure";
    NextSlot: "The next slot is free at", "La prochaine place se libère le";
    PairsNow: "Pairs by station, now", "Paires par étape, maintenant";
    Station: "Station", "Étape";
    StationShown: "shown", "affichées";
    StationWaiting: "waiting", "en attente";
    Share: "Share", "Part";
    Gateways: "Gateways", "Passerelles";
    GatewayUp: "takes messages", "accepte les messages";
    GatewayDown: "down", "en panne";
    WaitingFor: "Waiting for", "En attente de";
    FaultsInForce: "Faults in force", "Pannes en cours";
    NoFaults: "None.", "Aucune.";
    LatestMessages: "Latest messages", "Derniers messages";
    Seed: "seed", "graine";
    Model: "model", "modèle";
    ClockControls: "Clock", "Horloge";
    PauseClock: "Pause the clock", "Mettre l’horloge en pause";
    GoOn: "Let the clock go on", "Relancer l’horloge";
    Speed: "Speed", "Vitesse";
    JumpBy: "Jump ahead", "Avancer de";
    Jump: "Jump", "Avancer";
    JumpSettled: "Until nothing waits", "Jusqu’à ce que rien n’attende";
    // Messages.
    MessagesLead: "Intune keeps no list of what was sent. This one shows what has become of each message.",
        "Intune n’enregistre pas les messages envoyés. Cette liste montre ce que chacun est devenu.";
    NoMessages: "Nothing has been sent yet.", "Rien n’a encore été envoyé.";
    SendOne: "Send a notification", "Envoyer une notification";
    Message: "Message", "Message";
    To: "To", "À";
    Accepted: "Accepted", "Accepté";
    ShownPairs: "Shown", "Affichées";
    Audience: "Audience", "Audience";
    SentAs: "Sent as", "Envoyé en tant que";
    Dismissed: "Dismissed", "Masquées";
    DismissedWord: "dismissed", "masquée";
    Exposed: "Readable by other apps", "Lisibles par d’autres applications";
    State: "State", "État";
    Settled: "settled", "terminé";
    UnderWay: "under way", "en cours";
    CausesRanked: "What has become of it", "Ce qu’il est devenu";
    CausesLead: "Each line leads to its phones.", "Chaque ligne mène à ses téléphones.";
    WhatBecame: "Outcome", "Résultat";
    AudienceClasses: "Why they are in the audience", "Pourquoi ils sont dans l’audience";
    NoPhones: "No phone is there now.", "Aucun téléphone n’y est maintenant.";
    Phones: "Phones", "Téléphones";
    Device: "Device", "Appareil";
    Since: "Since", "Depuis";
    Why: "Why", "Pourquoi";
    WhyLink: "Why?", "Pourquoi ?";
    WhySilent: "Why silent?", "Pourquoi ce silence ?";
    WhyMessage: "Why: message", "Pourquoi : message";
    NotificationSent: "The custom notification was sent.", "La notification personnalisée a été envoyée.";
    BesideIntune: "In Intune this confirmation is all that an administrator learns. Below is what it never shows.",
        "Dans Intune, cette confirmation est tout ce qu’un administrateur apprend. Voici ce qu’Intune ne montre jamais.";
    // Devices.
    SearchDevices: "Name, user or id", "Nom, utilisateur ou identifiant";
    AllPlatforms: "All platforms", "Toutes les plateformes";
    NoDevices: "No device has this in its name.", "Aucun appareil ne porte ce nom.";
    NoneSoFar: "None among these; the search goes on on the next page.", "Aucun parmi ceux-ci ; la recherche continue à la page suivante.";
    User: "User", "Utilisateur";
    Platform: "Platform", "Plateforme";
    Cohort: "Cohort", "Cohorte";
    SendCustomNotification: "Send custom notification", "Envoyer une notification personnalisée";
    ThePhone: "The phone", "Le téléphone";
    Traits: "Properties", "Propriétés";
    TraitsAtStart: "As at the start of the scenario; what has changed since is in the reasons of each message.",
        "Comme au début du scénario ; ce qui a changé depuis figure dans les raisons de chaque message.";
    Now: "Now", "Maintenant";
    DeviceQuota: "Messages to it left this hour", "Messages restants cette heure";
    OnScreen: "Notifications on it", "Notifications affichées";
    OnItsWay: "On their way", "En route";
    Journeys: "Messages to this device", "Messages à cet appareil";
    NoJourneys: "No message has had this device in its audience.", "Aucun message n’a eu cet appareil dans son audience.";
    Enrolment: "Enrolment", "Inscription";
    Enrolled: "enrolled", "inscrit";
    NotEnrolled: "not enrolled", "non inscrit";
    ByAnother: "by another user", "par un autre utilisateur";
    App: "App", "Application";
    Outdated: "outdated", "obsolète";
    Notifications: "Notifications", "Notifications";
    Allowed: "allowed", "autorisées";
    Forbidden: "not allowed", "non autorisées";
    LockScreen: "Lock screen", "Écran de verrouillage";
    There: "there", "présents";
    Missing: "missing", "absents";
    ForceStopped: "App force-stopped", "Application arrêtée de force";
    OtherAppsRead: "Other apps read notifications", "D’autres applications lisent les notifications";
    IdInGraph: "Id in Graph", "Identifiant dans Graph";
    DeviceSendLead: "It goes to this device alone, at once, without a review.", "Elle part tout de suite, à cet appareil seul, sans vérification.";
    Send: "Send", "Envoyer";
    // The phone.
    Screen: "What is on the phone", "Ce que montre le téléphone";
    Banners: "Banners", "Bannières";
    NotificationCentre: "Notification centre", "Centre de notifications";
    InTheApp: "In the app", "Dans l’application";
    NothingOnPhone: "No notification of Company Portal.", "Aucune notification du Portail d’entreprise.";
    ContentHidden: "Its content is hidden.", "Son contenu est masqué.";
    TextNotKept: "Its text is not kept.", "Son texte n’est pas conservé.";
    Dismiss: "Dismiss", "Masquer";
    NothingWaits: "Nothing.", "Rien.";
    NotOnPhone: "Not on the phone", "Absents du téléphone";
    NothingAbsent: "Every message to this phone is on it.", "Tous les messages à ce téléphone y sont.";
    NotInAudience: "This device is not in the audience of the message.", "Cet appareil n’est pas dans l’audience du message.";
    Drew: "Drew", "Tirage";
    HappensBelow: "it happens below", "cela arrive en dessous de";
    // Sending to groups.
    Basics: "Basics", "De base";
    Assignments: "Assignments", "Affectations";
    ReviewCreate: "Review + create", "Vérifier + créer";
    DoneWord: "done", "fait";
    Title: "Title", "Titre";
    Body: "Body", "Corps";
    Characters: "characters", "caractères";
    TitleEmpty: "Enter a title.", "Saisissez un titre.";
    TitleTooLong: "The title has more than 50 characters.", "Le titre dépasse 50 caractères.";
    BodyEmpty: "Enter a body.", "Saisissez un corps.";
    BodyTooLong: "The body has more than 500 characters.", "Le corps dépasse 500 caractères.";
    SendAs: "Send as", "Envoyer en tant que";
    SendAsHelp: "The roles and scope groups of this account decide.", "Les rôles et les groupes d’étendue de ce compte décident.";
    Next: "Next", "Suivant";
    Previous: "Previous", "Précédent";
    Create: "Create", "Créer";
    IncludedGroups: "Included groups", "Groupes inclus";
    NoGroupChosen: "No group is selected.", "Aucun groupe n’est sélectionné.";
    AddGroups: "Select groups to include", "Sélectionner les groupes à inclure";
    SearchGroups: "Name of a group", "Nom d’un groupe";
    NoGroups: "No other group has this in its name.", "Aucun autre groupe ne porte ce nom.";
    MoreGroups: "There are more: search for a name.", "Il y en a d’autres : recherchez un nom.";
    NestedIn: "with", "avec";
    ChooseAGroup: "Select at least one group.", "Sélectionnez au moins un groupe.";
    TooManyGroups: "Select at most 25 groups. Groups nested in them do not count.",
        "Sélectionnez au plus 25 groupes. Les groupes imbriqués ne comptent pas.";
    Summary: "Summary", "Récapitulatif";
    ForecastTitle: "What it will come to", "Ce qu’elle deviendra";
    ForecastCaption: "Share of the audience that has been shown it", "Part de l’audience qui l’aura vue affichée";
    Within: "Within", "En";
    WhyNot: "Why not the others, after four hours", "Pourquoi pas les autres, après quatre heures";
    ForecastHelp: "A forecast of this message from the present state of the tenant, its faults and its phones. 99 of 100 outcomes lie in the range.",
        "Prévision de ce message à partir de l’état présent du locataire, de ses pannes et de ses téléphones. 99 résultats sur 100 sont dans l’intervalle.";
    WouldBeRefused: "It would be refused now", "Elle serait refusée maintenant";
    // Faults.
    NoFaultsAtAll: "There is no fault.", "Il n’y a pas de panne.";
    Fault: "Fault", "Panne";
    AxisOfTime: "From 2 h ago to 6 h ahead", "De 2 h avant à 6 h après";
    Touched: "Touched", "Touchées";
    Action: "Action", "Action";
    ByHand: "by hand", "à la main";
    Stop: "Stop", "Arrêter";
    InForce: "in force", "en cours";
    UntilWord: "until", "jusqu’au";
    StoppedAt: "stopped on", "arrêtée le";
    BeginsAt: "begins on", "commence le";
    ComesAgain: "comes again every", "revient tous les";
    OverWord: "over", "terminée";
    StartFault: "Start a fault", "Déclencher une panne";
    KindOfFault: "Kind", "Genre";
    ShowFields: "Show its fields", "Afficher ses champs";
    ScopeOfFault: "Only these devices", "Seulement ces appareils";
    NotSaid: "not set", "non précisé";
    StartNow: "Start now", "Déclencher maintenant";
    // The scenario.
    Name: "Name", "Nom";
    Profile: "Profile", "Profil";
    ScenarioHash: "Hash of the scenario", "Empreinte du scénario";
    ModelTimeEnds: "Model time ends", "Fin de l’heure du modèle";
    Assumptions: "Assumptions", "Hypothèses";
    NoAssumptions: "It uses none.", "Il n’en utilise aucune.";
    Key: "Key", "Clé";
    Value: "Value", "Valeur";
    Expectations: "Expectations", "Attentes";
    NoExpectations: "A tenant that is served has none: here people and programs send, and the sends and expectations of the scenario are left out.",
        "Un locataire servi n’en a pas : ici, les personnes et les programmes envoient ; les envois et les attentes du scénario sont laissés de côté.";
    ResolvedFile: "The whole file", "Le fichier complet";
    NoFile: "The server does not know its file.", "Le serveur ne connaît pas son fichier.";
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn no_phrase_is_empty_and_french_has_its_own_signs() {
        for phrase in Phrase::VARIANTS {
            let (english, french) = (Language::English.say(*phrase), Language::French.say(*phrase));
            assert!(!english.is_empty() && !french.is_empty(), "{phrase:?}");
            assert!(
                !french.contains('\'') && !french.contains(" :") | french.contains(" : ") | french.ends_with(" :"),
                "{french}"
            );
        }
    }

    #[test]
    fn french_counts_nothing_as_one() {
        assert_eq!(Language::English.counted(CountedThing::Devices, 0), "0 devices");
        assert_eq!(Language::French.counted(CountedThing::Devices, 0), "0 appareil");
        assert_eq!(Language::English.counted(CountedThing::Devices, 1), "1 device");
        assert_eq!(Language::French.counted(CountedThing::Devices, 2), "2 appareils");
    }
}
